"""The credentials that a run really uses are nowhere an agent can look or write.

The oracle team works on a live GitHub whose tokens lie in the vault. In the middle of the run one of its commands waits
for us; then every process is looked into, as root, while all are at work. The seeds of operator and accounts and the
keys of the simulated services exist nowhere but in the proctor, so that is where the test learns them: from its memory.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from canaries import LEASE, SIMULATED, Canaries, below, memory_of, raw_key, seeds_in
from practicum_command import Practicum, Run, copy_scenario
from processes import belonging_to, family, wait_until
from second_github import second_github

from practicum.proctor.seal import SEAL_NAME
from practicum.proctor.secret import Secret
from practicum.proctor.vault import FileVault, KeyFile
from practicum.proctor.vault.paths import key_path, vault_path

pytestmark = [
    pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the proctor's memory, to learn its keys"),
]  # fmt: skip

TEAM = ("lead", "dev", "ops")
HOLD = "mkfifo held && cat held && rm held && python3 -m py_compile server.py && echo fine"


@dataclass
class Looked:
    """A finished run, and what was seen in its middle."""

    run: Run
    practicum: Practicum
    scenario: Path
    proctor: int
    secrets: dict[str, bytes]
    """What only the proctor may know."""
    own: dict[str, dict[str, bytes]]
    """What each agent was given: its bus seed, its leases."""
    processes: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """For each process but the proctor: its arguments, environment, open files, memory."""
    tried: dict[str, str] = field(default_factory=dict)
    """What an agent's uid got when it tried the /proc of all others: place to the error's name."""
    in_the_proctor: set[str] = field(default_factory=set)
    """Names of what the same search finds in the proctor's own memory."""
    inside: dict[str, object] = field(default_factory=dict)


def held_scenario(folder: Path) -> Path:
    """The small scenario; its developer looks around, then one of its commands waits for the test."""
    scenario = copy_scenario(folder / "scenario")
    script = scenario / "teams" / "oracle.py"
    text = script.read_text()
    before, command = "    checked = await turn.call(run_command,", "python3 -m py_compile server.py && echo fine"
    assert text.count(before) == text.count(command) == 1
    look = '    await turn.call(write_file, path="seen.json", content=__import__("json").dumps(_look_around()))\n'
    text = text.replace(before, look + before).replace(command, HOLD)
    script.write_text(text + "\n\n" + Path(__file__).with_name("look_from_inside.py").read_text())
    return scenario


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looked]:
    folder = tmp_path_factory.mktemp("credentials")
    practicum = Practicum(folder / "home", folder)
    scenario = held_scenario(folder)
    targets = [str(path(practicum.environment)) for path in (key_path, vault_path)]
    targets += [f"{practicum.home}/**", f"{folder}/**", "/root/.config/**", "/root/.local/**", "/proc/1/mem"]
    (scenario / "teams" / "targets.txt").write_text("\n".join(targets))
    with second_github(practicum) as github:
        lines = github.env_file.read_text().splitlines()
        github.env_file.write_text("\n".join(line for line in lines if "TOKEN" not in line) + "\n")
        vault = FileVault(vault_path(practicum.environment), KeyFile(key_path(practicum.environment)))
        for login, token in github.tokens.items():
            vault.set("github" if login == "owner" else f"github@{login}", Secret(token))
        known = {f"token of {login}": token.encode() for login, token in github.tokens.items()}
        arguments = ["run", str(scenario), "--live", "github", "--env-file", str(github.env_file)]
        with practicum.start(*arguments) as process:
            try:
                wait_until(lambda: gate(practicum), 30, "the developer's command")
                found = look(practicum, scenario, process.pid, known)
                wait_until(lambda: opened(practicum), 10, "the command at its pipe")
                out, err = process.communicate(timeout=40)
            finally:
                process.terminate()
            assert process.returncode == 0, out + err
        found.run = Run(found.run.path, out, err)
        seal = vault.get(SEAL_NAME)  # made at the first run's end
        assert seal is not None
        found.secrets |= {"seal": seal.reveal().encode(), "bytes of the seal": base64.b64decode(seal.reveal())}
        found.inside = json.loads((found.run.path / "agents" / "dev" / "seen.json").read_text())
        yield found


def gate(practicum: Practicum) -> Path | None:
    """The pipe that the developer's command waits at."""
    return next(practicum.home.glob("runs/*/agents/dev/clock/held"), None)


def opened(practicum: Practicum) -> bool:
    """Let the developer's command go on: it reads to the end of what nobody writes."""
    place = gate(practicum)
    try:
        os.close(os.open(place, os.O_WRONLY | os.O_NONBLOCK)) if place else None
    except OSError:
        return False  # nobody reads there yet (fifo(7))
    return place is not None


def look(practicum: Practicum, scenario: Path, launcher: int, known: dict[str, bytes]) -> Looked:
    """Take down what every process holds, and learn the keys from the proctor."""
    run = practicum.last()
    pids = run.pids()
    everybody = (family(launcher).keys() | set(belonging_to(run.id))) - {pids["proctor"], launcher, os.getpid()}
    owners = {pid: name for name, top in pids.items() for pid in family(top)}
    processes = {}
    for pid in sorted(everybody):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended since it was listed
            processes[f"{owners.get(pid, 'command')} {pid}"] = taken_down(pid)
    memory = b"\0".join(memory_of(pids["proctor"]))
    secrets = dict(known)
    for number, seed in enumerate(sorted(seed for seed in seeds_in(memory) if seed.startswith(("SO", "SA")))):
        secrets |= {f"seed {seed[:2]} {number}": seed.encode(), f"bytes of seed {seed[:2]} {number}": raw_key(seed)}
    secrets |= {f"simulated key {number}": key for number, key in enumerate(sorted(set(SIMULATED.findall(memory))))}
    master = key_path(practicum.environment).read_bytes().strip()
    secrets |= {"master key": master, "bytes of the master key": base64.b64decode(master)}
    own = {
        agent: lent(b"\0".join(held["memory"] for name, held in processes.items() if name.startswith(agent)))
        for agent in TEAM
    }
    tried = tried_by_an_agents_uid(pids, launcher)
    there = Canaries(secrets).within(memory)
    return Looked(run, practicum, scenario, pids["proctor"], secrets, own, processes, tried, there)


def lent(memory: bytes) -> dict[str, bytes]:
    """The bus seed and the leases in an agent's memory."""
    seeds = {f"seed {seed[:6]}": seed.encode() for seed in seeds_in(memory) if seed.startswith("SU")}
    leases = sorted(set(LEASE.findall(memory)))
    return seeds | {f"lease {number}": token for number, token in enumerate(leases)}


def taken_down(pid: int) -> dict[str, bytes]:
    base = Path(f"/proc/{pid}")
    links = []
    for link in (base / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed
            links.append(os.readlink(link))
    return {
        "arguments": (base / "cmdline").read_bytes(),
        "environment": (base / "environ").read_bytes(),
        "open files": "\n".join(links).encode(),
        "memory": b"\0".join(memory_of(pid)),
    }


def tried_by_an_agents_uid(pids: dict[str, int], launcher: int) -> dict[str, str]:
    """Become the developer's uid on the host, which is more than it can, and try the /proc of all others."""
    uids = {Path(f"/proc/{pid}/status").read_text().partition("Uid:")[2].split()[0] for pid in family(pids["dev"])} - {
        "0"
    }
    [uid] = uids
    script = (
        "import json, os, sys; uid = int(sys.argv[1]); os.setgroups([]); os.setgid(uid); os.setuid(uid)\n"
        "said = {'uid': str(os.getuid())}\n"
        "for pid in sys.argv[2:]:\n"
        "    for name in ('mem', 'environ', 'maps', 'fd', 'cwd/.', 'root/.'):\n"
        "        place = f'/proc/{pid}/{name}'\n"
        "        try: os.listdir(place) if name == 'fd' or '/' in name else open(place, 'rb').read(1)\n"
        "        except OSError as error: said[place] = type(error).__name__\n"
        "        else: said[place] = 'read'\n"
        "print(json.dumps(said))\n"
    )
    others = [pid for name, top in pids.items() if name != "dev" for pid in family(top)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, uid, *map(str, [*others, launcher])],
        capture_output=True, text=True, timeout=20, check=True,
    )  # fmt: skip
    said: dict[str, str] = json.loads(done.stdout)
    return said


def test_the_credentials_are_known(looked: Looked) -> None:
    """Without these the other tests would look for nothing."""
    kinds = [name.partition(" ")[0] for name in looked.secrets]
    assert sum(name.startswith("seed SO") for name in looked.secrets) == 1, "the operator"
    assert sum(name.startswith("seed SA") for name in looked.secrets) == 2 + len(TEAM), "run, system, one an agent"
    assert kinds.count("token") == len(TEAM) + 1
    assert kinds.count("simulated") >= len(TEAM) + 1
    assert kinds.count("master") == kinds.count("seal") == 1
    for own in looked.own.values():
        assert {name.partition(" ")[0] for name in own} == {"seed", "lease"}
    assert {name.partition(" ")[0] for name in looked.processes} >= {*TEAM, "world", "nats-server", "command"}
    used = {name for name in looked.secrets if name.startswith(("token", "seed", "simulated"))}
    assert looked.in_the_proctor >= used, "the search finds them where they are"


def canaries_of(looked: Looked) -> Canaries:
    """What only the proctor may know, the key that seals among it."""
    return Canaries(looked.secrets)


def test_no_process_but_the_proctor_holds_one(looked: Looked) -> None:
    """Neither does nats-server, which checks signatures only; the world keeps hashes, and receives its own keys."""
    secrets = canaries_of(looked)
    for name, held in looked.processes.items():
        for kind, data in held.items():
            found = secrets.within(data)
            if name.startswith("world") and kind == "memory":
                found = {one for one in found if not one.startswith("simulated key")}
            assert found == set(), f"{kind} of {name}"


def test_no_agent_holds_anothers_credentials(looked: Looked) -> None:
    for agent in TEAM:
        others = {
            f"{kind} of {name}": value for name in TEAM if name != agent for kind, value in looked.own[name].items()
        }
        wanted = Canaries(others)
        for name, held in looked.processes.items():
            if name.startswith((agent, "command")):
                for kind, data in held.items():
                    assert wanted.within(data) == set(), f"{kind} of {name}"


def test_an_agents_uid_can_read_no_process_but_its_own(looked: Looked) -> None:
    """The proctor's memory first of all; also those of the launcher, the world, nats-server, the other agents."""
    assert int(looked.tried.pop("uid")) > 0
    assert f"/proc/{looked.proctor}/mem" in looked.tried
    assert {place: got for place, got in looked.tried.items() if got != "PermissionError"} == {}


def test_an_agent_that_looks_around_sees_only_itself(looked: Looked) -> None:
    secrets = canaries_of(looked)
    assert secrets.within(json.dumps(looked.inside).encode()) == set()
    opened = looked.inside["opened"]
    assert isinstance(opened, dict)
    assert str(key_path(looked.practicum.environment)) in opened
    assert [place for place, size in opened.items() if isinstance(size, int)] == []


def test_nothing_on_disk_holds_one(looked: Looked) -> None:
    """The run's folder with bus store, workspaces, world, blobs, logs, report; the vault; what the terminal said."""
    lent = {f"{kind} of {name}": value for name, own in looked.own.items() for kind, value in own.items()}
    everything = Canaries({**looked.secrets, **lent})
    key = str(key_path(looked.practicum.environment))
    searched: list[str] = []
    for folder in (looked.practicum.home, vault_path(looked.practicum.environment).parent, looked.scenario):
        for place, data in below(folder):
            searched.append(place)
            assert place == key or everything.within(data) == set(), place
    for part in ("/bus/jetstream/", "/blobs/", "/logs/", "trajectory.jsonl", "report.html", "vault.json", "(objects)"):
        assert any(part in place for place in searched), part
    assert everything.within((looked.run.stdout + looked.run.stderr).encode()) == set()


def test_what_is_looked_for_is_found_in_every_form(looked: Looked, tmp_path: Path) -> None:
    """The search itself: each value, written as an agent could write it, in a file and in a git object."""
    wanted = canaries_of(looked)
    for name, value in looked.secrets.items():
        for form in (value, base64.b64encode(b"user:" + value), quote(value, safe="").encode(), value.hex().encode()):
            assert wanted.within(b"x" * 99 + form + b"y" * 99) & {name, *same(looked.secrets, value)}, name
    token = looked.secrets["token of dev"]
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, timeout=20)
    keep = ["git", "-C", str(tmp_path), "hash-object", "-w", "--stdin"]
    subprocess.run(keep, input=token, check=True, capture_output=True, timeout=20)
    assert [place for place, data in below(tmp_path) if wanted.within(data)] != []


def same(secrets: dict[str, bytes], value: bytes) -> set[str]:
    """Names under which one value is kept."""
    return {name for name, other in secrets.items() if other == value}
