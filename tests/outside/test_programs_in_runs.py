"""Whole runs whose agents are programs: what they can see and do, how they end, and one written with openai-agents."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from canaries import Canaries, below
from practicum_command import Practicum, Run
from processes import family, left_of, wait_until

from practicum.models.testing import Conversation, ModelServer, PlanTurn, Reply, ScriptedPolicy
from practicum.proctor.secret import Secret
from practicum.proctor.vault import FileVault, KeyFile
from practicum.proctor.vault.paths import key_path, vault_path

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(240)]

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "own-agent"
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable


def scenario(folder: Path, *tasks: str, targets: tuple[str, ...] = ()) -> Path:
    """The looking program's, in a folder of its own; its program is developed beside a file of keys."""
    shutil.copytree(HERE / "look", folder / "program")
    member = {
        "role": "developer", "model": "openai/gpt-4o", "process": [PYTHON, "program/agent.py"],
        "env": {"TARGETS": json.dumps(targets)},
    }  # fmt: skip
    value = {
        "name": "look",
        "team": {"me": member, "you": {"role": "qa", "model": "script/idle"}},
        "world": {"github": {"repo": "acme/clock", "files": {"README.md": "A clock."}}},
        "run": [{"input": task, "to": "me"} for task in tasks],
        "evaluations": [{"type": "file_exists", "path": "seen.json"}],
    }
    (folder / "scenario.yaml").write_text(yaml.safe_dump(value))
    return folder / "scenario.yaml"


def listening(pids: Iterable[int]) -> list[int]:
    """The ports that some processes listen at, of proc_pid_net(5)."""
    sockets = set()
    for pid in pids:
        with suppress(OSError):  # it has ended meanwhile
            sockets |= {os.readlink(descriptor) for descriptor in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    found = [row for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
    return sorted(int(row[1].partition(":")[2], 16) for row in found)


class Looked:
    """A finished run, and what its program saw."""

    def __init__(self, run: Run, keys: dict[str, bytes], done: subprocess.CompletedProcess[str]) -> None:
        self.run, self.keys, self.done = run, keys, done
        self.seen: dict[str, Any] = json.loads((run.path / "agents" / "me" / "seen.json").read_text())


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Looked:
    folder = tmp_path_factory.mktemp("looked")
    practicum = Practicum(folder / "home", folder)
    keys = {name: f"{name}/{secrets.token_urlsafe(30)}+=" for name in ("model", "github", "vault", "file")}
    vault = FileVault(vault_path(practicum.environment), KeyFile(key_path(practicum.environment)))
    vault.set("anthropic", Secret(keys["vault"]))
    targets = [str(path(practicum.environment)) for path in (vault_path, key_path)]
    targets += [f"{folder}/**", "/root/.config/**", "/root/.ssh/**", "/proc/1/mem", "/agent/../you/*", "/root/*"]
    (folder / "scenario").mkdir()
    file = scenario(folder / "scenario", "Look around", "Again", targets=tuple(targets))
    (folder / "scenario" / "program" / ".env").write_text(f"OPENAI_API_KEY={keys['file']}\n")

    async def run() -> subprocess.CompletedProcess[str]:
        async def ports(conversation: Conversation) -> Reply:
            return Reply(text=json.dumps(listening(family(process.pid))))

        async with ModelServer(ports, models=("gpt-4o", "gpt-4o-mini"), api_key=keys["model"]) as server:
            practicum.extra.update(OPENAI_API_KEY=keys["model"], OPENAI_BASE_URL=server.openai_url)
            practicum.extra.update(GITHUB_TOKEN=keys["github"])
            with practicum.start("run", str(file)) as process:
                stdout, stderr = await asyncio.to_thread(process.communicate)
            return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    done = asyncio.run(run())
    assert done.returncode == 0, done.stdout + done.stderr
    return Looked(practicum.last(done), {name: key.encode() for name, key in keys.items()}, done)


def test_no_real_key_is_in_anything_that_a_program_sees_or_a_run_leaves(looked: Looked) -> None:
    wanted = Canaries(looked.keys)
    assert wanted.within(looked.keys["model"]) == {"model"}
    assert wanted.within(json.dumps(looked.seen).encode()) == set()
    assert wanted.within((looked.done.stdout + looked.done.stderr).encode()) == set()
    for place, data in below(looked.run.path):
        assert wanted.within(data) == set(), place
    assert looked.seen["keys"] == ""


def test_a_program_holds_leases_and_what_the_scenario_gives_it(looked: Looked) -> None:
    environment = looked.seen["environment"]
    for name in ("OPENAI_API_KEY", "GITHUB_TOKEN"):
        assert environment[name].startswith("pracl_"), name
    assert "ANTHROPIC_API_KEY" not in environment
    assert (looked.seen["model"], looked.seen["github"]) == (200, 200)
    assert (looked.seen["other model"], looked.seen["other repository"]) == (403, 404)
    assert looked.seen["github by the model's lease"] == 401
    assert (looked.seen["clone"], looked.seen["cloned"]) == ("", "A clock.")
    [of_model] = [one for one in looked.run.of("lease.granted") if (one.agent, one.service) == ("me", "openai")]
    assert of_model.scope["resources"] == ["gpt-4o"]


def test_it_reaches_no_file_and_no_process_that_is_not_its_own(looked: Looked) -> None:
    own = str(looked.run.path.parents[2] / "scenario" / "program")
    opened = {place: got for place, got in looked.seen["opened"].items() if isinstance(got, int)}
    assert {place for place in opened if not place.startswith(own)} == set()
    assert f"{own}/agent.py" in opened
    processes = looked.seen["processes"]
    assert len(processes) <= 4  # the sandbox's first, the agent's host, the program
    host = processes[str(looked.seen["host"])]
    assert all(host[what].startswith("PermissionError") for what in ("environ", "memory", "files"))
    for pid, process in processes.items():
        assert not any(name in process["environ"] for name in ("jwt", "SUA", "pracl_")) or int(pid) == looked.seen["me"]


def test_the_world_refuses_a_lease_that_goes_round_the_gateway(looked: Looked) -> None:
    ports = {int(port): status for port, status in looked.seen["ports"].items()}
    gateway = urlsplit(looked.seen["environment"]["GITHUB_API_URL"]).port
    assert [port for port, status in ports.items() if status == 200] == [gateway]
    assert len(ports) > 2
    assert 401 in ports.values()


def test_what_it_did_is_told_as_of_any_agent(looked: Looked) -> None:
    [member] = [one for one in looked.run.of("run.started")[0].team if one.name == "me"]
    assert member.model == "process/agent.py"
    assert [one.text for one in looked.run.of("model.answered") if one.text] == ["looked", "turn 2"]
    assert [step.text for step in looked.run.of("step.finished")] == ["looked", "turn 2"]
    asked = [one for one in looked.run.of("exchange.completed") if one.service == "openai"]
    assert [bool(one.refused) for one in asked] == [False, True]
    assert all(one.agent == "me" for one in asked)


def keyed() -> dict[str, str]:
    """A shell for a scenario whose program is leased a model that nobody asks."""
    return {"OPENAI_API_KEY": secrets.token_urlsafe(24), "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}


def test_a_program_that_dies_fails_the_run_and_says_why_without_its_lease(practicum: Practicum, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    file = scenario(tmp_path / "s", "Look", "Now die", "And again")
    (tmp_path / "s" / "program" / ".env").touch()
    done = practicum("run", str(file), "--model", "you=script/idle", env=keyed())
    run = practicum.last(done)
    [failed] = run.of("agent.failed")
    assert failed.kind == "process"
    assert "process/agent.py: the program ended with exit code 1; it said last: " in failed.error
    assert "I die, and my lease is [hidden]" in failed.error
    assert done.returncode == 0  # by its effect it had done what was asked
    replayed = practicum("replay", "last")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr


def test_a_program_that_ends_its_own_host_has_failed_and_nothing_else_broke(
    practicum: Practicum, tmp_path: Path
) -> None:
    value = {
        "name": "killer",
        "team": {"me": {"role": "general", "process": ["sh", "-c", "kill -9 $PPID; sleep 9"], "protocol": "text"}},
        "run": [{"input": "Do it"}],
        "evaluations": [{"type": "file_exists", "path": "done"}],
    }
    (tmp_path / "scenario.yaml").write_text(yaml.safe_dump(value))
    done = practicum("run", str(tmp_path))
    assert done.returncode == 1, done.stdout + done.stderr
    run = practicum.last(done)
    assert run.verdict()["outcome"] == "failed"
    assert [(one.name, one.exit_code) for one in run.of("process.died")] == [("me", 137)]


def test_nothing_of_a_program_outlives_its_run(practicum: Practicum, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    file = scenario(tmp_path / "s", "Look", "Now wait")
    (tmp_path / "s" / "program" / ".env").touch()
    practicum.extra.update(keyed())
    with practicum.start("run", str(file)) as process:
        wait_until(lambda: list(practicum.home.glob("runs/*/agents/me/waiting")), 100, "the program at work")
        everybody = family(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        wait_until(lambda: not left_of(everybody, practicum.folders()[-1].name), 5, "everybody gone")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with its environment, as its page says to make it."""
    folder = tmp_path_factory.mktemp("example") / "own-agent"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".venv", "__pycache__"))
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    python = str(folder / ".venv" / "bin" / "python")
    made = subprocess.run(
        [uv, "venv", "-q", "--python", sys.executable, str(folder / ".venv")] if uv
        else [sys.executable, "-m", "venv", str(folder / ".venv")],
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    install = [uv, "pip", "install", "-q", "--python", python] if uv else [python, "-m", "pip", "install", "-q"]
    installed = subprocess.run(
        [*install, "-r", str(folder / "requirements.txt")], capture_output=True, text=True, timeout=200
    )
    if installed.returncode != 0:
        why = f"openai-agents cannot be installed: {installed.stderr[-500:]}"
        if os.environ.get("PRACTICUM_REQUIRE_ALL") == "1":
            pytest.fail(why)
        pytest.skip(why)
    return folder


async def filed(turn: PlanTurn) -> str:
    """What a model would do with the example's task."""
    assert "25:00" in turn.heard()
    made = await turn.call("open_issue", title="The clock says 25:00", body="After midnight.")
    assert "issue 1 is open" in str(made)
    await turn.call("write_reply", text="Thank you. We are on it.")
    return "Filed as issue 1, and answered."


async def test_an_agent_written_with_openai_agents_passes_by_its_effects(practicum: Practicum, example: Path) -> None:
    async with ModelServer(ScriptedPolicy(filed), models=("gpt-4o-mini",)) as server:
        env = {"OPENAI_API_KEY": server.api_key, "OPENAI_BASE_URL": server.openai_url}
        done = await asyncio.to_thread(practicum, "run", str(example), env=env)
        asked = [(seen.path, seen.status) for seen in server.seen]
    assert done.returncode == 0, done.stdout + done.stderr
    assert asked == [("/v1/chat/completions", 200)] * 3
    run = practicum.last(done)
    assert [one.outcome for one in run.of("evaluation.completed")] == ["passed", "passed"]
    assert run.of("model.answered")[-1].text == "Filed as issue 1, and answered."
    assert [one.change for one in run.of("world.changed") if one.actor == "triager"] == ["github.issue.opened"]
    assert run.verdict()["agents"]["triager"]["cost_usd"] > 0
    replayed = await asyncio.to_thread(practicum, "replay", "last")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr


def test_a_team_that_does_nothing_in_its_place_fails(practicum: Practicum, example: Path) -> None:
    done = practicum("run", str(example), "--model", "*=script/idle")
    assert done.returncode == 1, done.stdout + done.stderr
    assert practicum.last(done).verdict()["outcome"] == "failed"
