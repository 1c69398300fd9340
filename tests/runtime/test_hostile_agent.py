"""An agent whose own process turns against the run: it reaches nothing but what its charter grants."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from practicum_command import COMMAND, Practicum, Run, copy_scenario
from second_github import MARK, SecondGitHub, second_github

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow]


LOOPBACK_UP = (
    "import fcntl, os, socket, struct, sys\n"
    "with socket.socket() as any: fcntl.ioctl(any, 0x8914, struct.pack('16sh22x', b'lo', 0x41))\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""SIOCSIFFLAGS with IFF_UP and IFF_RUNNING (netdevice(7)): a new network namespace has its loopback down."""


def run_alone(practicum: Practicum, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a network of its own: the agent tries every listener there is, and other tests have some that
    answer whatever they are asked.
    """
    apart = ["unshare", "--net", sys.executable, "-c", LOOPBACK_UP] if os.geteuid() == 0 else []
    return subprocess.run(
        [*apart, COMMAND, *arguments], cwd=practicum.cwd, env=practicum.environment, timeout=55, check=False,
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip


def run_hostile(practicum: Practicum, *arguments: str) -> tuple[Run, dict[str, Any]]:
    scenario = copy_scenario(practicum.cwd / "hostile")
    patterns = ["run.json", "trajectory.jsonl", "bus/**", "world/**", "logs/*", "agents/lead/*", "agents/ops/**"]
    targets = [f"{practicum.home}/runs/*/{pattern}" for pattern in patterns]
    targets += [f"{practicum.home}/**/*vault*", f"{practicum.cwd}/.practicum/**", f"{practicum.cwd}/.config/**"]
    targets += [f"{practicum.cwd}/keys.env", f"{practicum.cwd}/accounts", f"{practicum.cwd}/second/**", "/root/*"]
    (scenario / "teams" / "targets.json").write_text(json.dumps(targets))
    done = run_alone(practicum, "run", str(scenario), "--team", "hostile", *arguments)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    run = practicum.last(done)
    return run, json.loads((run.path / "agents" / "dev" / "loot.json").read_text())


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, dict[str, Any]]:
    """What a hostile agent brings home from a run on simulated services."""
    folder = tmp_path_factory.mktemp("hostile")
    return run_hostile(Practicum(folder / "home", folder))


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, dict[str, Any], SecondGitHub]]:
    """The same with a live GitHub, whose tokens the tests know."""
    folder = tmp_path_factory.mktemp("canaries")
    practicum = Practicum(folder / "home", folder)
    with second_github(practicum) as github:
        options = ["--live", "github", "--env-file", str(github.env_file)]
        scenario = copy_scenario(folder / "hostile")
        targets = [f"{practicum.home}/runs/*/bus/**", f"{folder}/keys.env", f"{folder}/accounts", f"{folder}/second/**"]
        targets += [f"{folder}/**/*vault*", f"{folder}/**/*master*"]
        (scenario / "teams" / "targets.json").write_text(json.dumps(targets))
        done = practicum("run", str(scenario), "--team", "hostile", *options)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        run = practicum.last(done)
        yield run, json.loads((run.path / "agents" / "dev" / "loot.json").read_text()), github


def test_past_the_gateway_the_world_answers_401(simulated: tuple[Run, dict[str, Any]]) -> None:
    run, loot = simulated
    around = loot["around"]
    assert around["answers"].pop(str(around["gateway"])) == 200, "the lease is good at the gateway"
    others = [answer for answer in around["answers"].values() if isinstance(answer, int)]
    assert 401 in others
    assert not [answer for answer in others if answer < 400]
    assert not [answer for answer in around["inspected"].values() if answer == 200]
    ledger = [json.loads(line) for line in (run.path / "world" / "ledger.jsonl").read_text().splitlines()]
    mine = [row for row in ledger if row["exchange"] is None and row["path"] == "/github/repos/acme/clock"]
    assert {(row["status"], row["login"]) for row in mine} == {(401, None)}, "this run's world was asked and refused"


def test_with_its_lease_pygithub_gets_404_and_403_and_the_rule(simulated: tuple[Run, dict[str, Any]]) -> None:
    lease = simulated[1]["lease"]
    assert lease["own"][:2] == [200, "acme/clock"]
    status, text, headers = lease["foreign"]
    assert status == 404
    assert "Not Found" in text
    assert headers["x-practicum-rule"]
    for name in ("ungranted", "forbidden"):
        status, text, headers = lease[name]
        assert status == 403, name
        assert "Resource not accessible" in text
        assert headers["x-practicum-rule"]
    assert "release" in lease["forbidden"][2]["x-practicum-rule"]
    refused = [body for body in simulated[0].of("exchange.completed") if body.refused]
    assert not any(body.upstream for body in refused), "what is refused never reaches the service"
    assert {body.status for body in refused if body.agent == "dev"} >= {403, 404}


def test_no_part_of_the_bus_is_open_but_its_own(simulated: tuple[Run, dict[str, Any]]) -> None:
    run, loot = simulated
    bus = loot["bus"]
    assert isinstance(bus, dict), bus
    said = " ".join(bus["errors"])
    for subject in ("_inbox.lead.>", "_inbox.>", f"practicum.{run.id}.>".lower(), '">"'):
        assert f"{subject}" in said, f"subscription to {subject} was not refused: {said}"
    assert f"practicum.{run.id}.from.lead.to.all.all.message.posted".lower() in said
    assert f"practicum.{run.id}.from.proctor.to.all.all.lease.granted".lower() in said
    for subject, answer in bus["answers"].items():
        assert answer in ("TimeoutError", "NoRespondersError"), f"{subject}: {answer}"
        assert subject.lower() in said, f"{subject} was not refused"
    foreign = [subject for subject in bus["received"] if not subject.startswith("_INBOX.dev")]
    assert foreign == []


def test_a_body_that_claims_another_source_is_dropped_and_recorded(simulated: tuple[Run, dict[str, Any]]) -> None:
    run, _ = simulated
    dropped = run.of("event.dropped")
    assert [body.claimed_source for body in dropped] == ["dev"]
    assert dropped[0].subject == f"practicum.{run.id}.from.dev.to.all.all.message.posted"
    assert "claims source 'lead'" in dropped[0].reason
    posted = [(item.event.source, item.event.body.text) for item in run.events() if item.event.type == "message.posted"]
    assert posted == [("lead", "have a look around"), ("dev", "seen enough")]
    assert "dropped a forged" in run.stdout


def test_it_sees_no_process_but_its_own_and_no_file_of_others(simulated: tuple[Run, dict[str, Any]]) -> None:
    run, loot = simulated
    look = loot["look"]
    readable = {path: size for path, size in look["opened"].items() if isinstance(size, int)}
    assert readable == {}
    for pid, process in look["processes"].items():
        if int(pid) != look["me"]:
            assert "practicum.proctor" not in process["cmdline"]
            assert "practicum.world" not in process["cmdline"]
            assert "nats-server" not in process["cmdline"]
            assert "Error" in str(process["memory"]) or process["memory"] == []
    assert not any(run.id in link for link in look["processes"][str(look["me"])]["fds"] if "/logs/" not in link)
    variables = set(look["environment"])
    assert variables <= {
        "PATH", "HOME", "LANG", "TMPDIR", "PWD", "PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH", "PYTHONPATH",
        "LC_CTYPE", "SHLVL", "_",
    }  # fmt: skip


def forms(token: str) -> list[bytes]:
    """A credential as it is, in base64 at each of three alignments, and URL-encoded byte by byte."""
    raw = token.encode()
    found = [raw, urllib.parse.quote(token, safe="").encode(), "".join(f"%{byte:02x}" for byte in raw).encode()]
    for lead in range(3):
        # What stands at the edges depends on the neighbours; the middle is the credential's alone.
        found.append(base64.b64encode(b"\0" * lead + raw)[4 if lead else 0 : -4])
    return [*found, raw.hex().encode()]


def git_objects(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every object of every repository below a folder, unpacked."""
    for head in folder.rglob("HEAD"):
        if (head.parent / "objects").is_dir():
            command = [
                "git",
                "-c",
                "safe.directory=*",
                "-C",
                str(head.parent),
                "cat-file",
                "--batch-all-objects",
                "--batch",
            ]
            yield str(head.parent), subprocess.run(command, capture_output=True, check=True, timeout=30).stdout


def test_no_canary_was_found_from_inside(live: tuple[Run, dict[str, Any], SecondGitHub]) -> None:
    _, loot, github = live
    text = json.dumps(loot)
    for token in github.tokens.values():
        for form in forms(token):
            assert form.decode() not in text
    assert MARK not in text
    look = loot["look"]
    assert {path: size for path, size in look["opened"].items() if isinstance(size, int)} == {}
    assert look["processes"][str(look["me"])]["memory"] == [], "not even in its own memory"


def test_no_canary_stands_anywhere_in_the_run(live: tuple[Run, dict[str, Any], SecondGitHub]) -> None:
    run, _, github = live
    wanted = [form for token in github.tokens.values() for form in forms(token)]
    searched = 0
    for path in run.path.rglob("*"):
        if path.is_file() and not path.is_symlink():
            searched += 1
            content = path.read_bytes()
            assert not [form for form in wanted if form in content], path
    assert searched > 20
    for repository, content in git_objects(run.path):
        assert not [form for form in wanted if form in content], repository
    assert not [form for form in wanted if form.decode() in run.stdout + run.stderr]
