"""What a user gets wrong ends with exit code 2, the place, the way to mend it, and nothing left behind."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest
from practicum_command import MINI, Practicum, copy_scenario

pytestmark = pytest.mark.slow


def edited(practicum: Practicum, old: str, new: str, name: str = "edited") -> Path:
    scenario = copy_scenario(practicum.cwd / name) / "scenario.yaml"
    text = scenario.read_text()
    assert text.count(old) == 1, old
    scenario.write_text(text.replace(old, new))
    return scenario


def line_of(scenario: Path, words: str) -> int:
    return next(number for number, line in enumerate(scenario.read_text().splitlines(), 1) if words in line)


def refused(practicum: Practicum, *arguments: str, env: dict[str, str] | None = None) -> str:
    """What the command said when it refused; it must have refused before anything began."""
    done = practicum(*arguments, env=env)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert practicum.folders() == []
    return done.stderr


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("  github:\n", "  githb:\n", "world.githb", 'did you mean "github"'),
        ("role: developer", "role: develper", "team.dev.role", 'did you mean "developer"'),
        ("limits: {time: 50s}", "limits: {time: soon}", "limits.time", "soon"),
        (
            "type: secret_not_leaked",
            "type: secret_not_leakd",
            "evaluations[3].type",
            'did you mean "secret_not_leaked"',
        ),
        ("at_least: 1", "at_least: 0", "evaluations[0].at_least", "greater than or equal to 1"),
        ('"Serve the time.\\n"', "./nowhere.md", "setup.virtual_fs.brief.md", "no such file"),
        ("to: lead", "to: boss", "run", "no agent 'boss'"),
    ],
)
def test_a_wrong_key_is_named_with_file_and_line(practicum: Practicum, old: str, new: str, key: str, says: str) -> None:
    scenario = edited(practicum, old, new)
    said = refused(practicum, "run", str(scenario))
    line = line_of(scenario, new.strip().splitlines()[0].split(",")[0])
    assert f"{scenario}:{line}: {key}" in said, said
    assert says in said


def test_broken_yaml_is_named_with_its_line(practicum: Practicum) -> None:
    scenario = edited(practicum, "team:\n", "team: [\n")
    assert re.search(rf"{re.escape(str(scenario))}:\d+: not YAML", refused(practicum, "run", str(scenario)))


def test_two_mistakes_are_said_at_once(practicum: Practicum) -> None:
    scenario = edited(practicum, "  github:\n", "  githb:\n")
    scenario.write_text(scenario.read_text().replace("limits:", "limts:"))
    said = refused(practicum, "run", str(scenario))
    assert "world.githb" in said
    assert 'limts: unknown key\n       did you mean "limits"' in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "dev-tem"], 'did you mean "dev-team"'),
        (["run", str(MINI), "--team", "oracel"], 'did you mean "oracle"'),
        (["run", str(MINI), "--model", "*=antropic/claude"], 'did you mean "anthropic'),
        (["run", str(MINI), "--model", "nobody=script/lead"], "agents: lead, dev, ops"),
        (["run", str(MINI), "--brief", "nowhere.md"], "nowhere.md: no such file"),
        (["run", str(MINI), "--env-file", "nowhere.env", "--live", "github"], "nowhere.env: no such file"),
        (["run", str(MINI), "--live", "githb"], 'did you mean "github"'),
        (["run", str(MINI), "--time", "soon"], "--time"),
        (["run", str(MINI), "--sandbox", "castle"], "castle"),
        (["run", str(MINI), "--nonsense"], "practicum run --help"),
        (["run"], "practicum run --help"),
        (["rnu"], 'did you mean "run"'),
        (["show", "last"], "practicum run dev-team makes one"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_known(practicum: Practicum, arguments: list[str], says: str) -> None:
    assert says in refused(practicum, *arguments)


def test_a_brief_of_ones_own_needs_agents_that_can_read(practicum: Practicum) -> None:
    brief = practicum.cwd / "mine.md"
    brief.write_text("Build a teapot.")
    said = refused(practicum, "run", str(MINI), "--brief", str(brief))
    assert "--brief needs agents that can read" in said
    assert "--model '*=anthropic/NAME'" in said


def test_a_role_without_a_script_is_named(practicum: Practicum) -> None:
    scenario = copy_scenario(practicum.cwd / "short")
    (scenario / "teams" / "half.py").write_text((scenario / "teams" / "idle.py").read_text().replace("devops", "x"))
    said = refused(practicum, "run", str(scenario), "--team", "half")
    assert "no script for ops" in said
    assert "it defines: developer, lead, x" in said


def test_a_script_that_does_not_import_is_named(practicum: Practicum) -> None:
    scenario = copy_scenario(practicum.cwd / "broken")
    (scenario / "teams" / "broken.py").write_text("import nothing_of_the_kind\n")
    said = refused(practicum, "run", str(scenario), "--team", "broken")
    assert "broken.py: ModuleNotFoundError" in said


CHARTER = """\
role: greedy
instructions: Take what you can.
can:
  github:
    repos: ["acme/everything"]
    permissions: {contents: write}
"""


def test_a_charter_that_asks_for_more_than_the_scenario_has_is_refused(practicum: Practicum) -> None:
    scenario = edited(practicum, "role: developer", "role: greedy")
    role = scenario.parent / "roles" / "greedy"
    role.mkdir(parents=True)
    (role / "charter.yaml").write_text(CHARTER)
    teams = scenario.parent / "teams"
    (teams / "idle.py").write_text((teams / "idle.py").read_text().replace("developer", "greedy"))
    done = practicum("run", str(scenario), "--team", "idle")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "greedy" in done.stderr
    assert "acme/everything" in done.stderr
    assert "acme/clock" in done.stderr  # what it could have


def test_a_charter_with_an_unknown_permission_is_named_with_its_line(practicum: Practicum) -> None:
    scenario = edited(practicum, "role: developer", "role: greedy")
    role = scenario.parent / "roles" / "greedy"
    role.mkdir(parents=True)
    (role / "charter.yaml").write_text(CHARTER.replace("can:\n", "can:\n  githb: {}\n"))
    said = refused(practicum, "run", str(scenario), "--team", "idle")
    assert f"{role / 'charter.yaml'}:4: can.githb" in said


def test_a_live_service_without_a_key_says_how_to_bring_one(practicum: Practicum) -> None:
    done = practicum("run", str(MINI), "--live", "github")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "practicum secrets set github" in done.stderr
    assert practicum.runs()[-1]["outcome"] == "refused"


def test_a_bus_that_does_not_answer_is_named(practicum: Practicum) -> None:
    done = practicum("run", str(MINI), "--bus", "nats://127.0.0.1:1")
    assert done.returncode in (2, 3), done.stdout + done.stderr
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_said(practicum: Practicum) -> None:
    accounts = practicum.cwd / "accounts"
    accounts.write_text("github ada some-token-of-ada\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(practicum, "world", "github", "--token-file", str(accounts), "--port", port)
    assert f"port {port}" in said
    assert "--port 0" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unwritable to root; the full disk below is tried as root")
def test_a_home_that_cannot_be_written_is_said(practicum: Practicum) -> None:
    practicum.home.mkdir(mode=0o500)
    assert str(practicum.home) in practicum("run", str(MINI), "--team", "idle").stderr


def test_a_home_below_a_file_is_said(practicum: Practicum) -> None:
    file = practicum.cwd / "file"
    file.write_text("")
    said = refused(practicum, "run", str(MINI), "--team", "idle", env={"PRACTICUM_HOME": str(file / "home")})
    assert str(file) in said
    assert "PRACTICUM_HOME" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small disk")
@pytest.mark.parametrize("size", ["64k", "1m"])
def test_a_full_disk_is_said_and_nothing_is_left_running(practicum: Practicum, size: str) -> None:
    practicum.home.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "practicum-test", str(practicum.home)], check=True)
    try:
        done = practicum("run", str(MINI), "--team", "busy", "--time", "20s")
        assert done.returncode in (2, 3), done.stdout + done.stderr
        assert "No space left" in done.stdout + done.stderr or "disk" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    finally:
        subprocess.run(["umount", "-l", str(practicum.home)], check=True)
