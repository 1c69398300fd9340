"""`practicum secrets` as a user types it."""

from __future__ import annotations

import json
import os
import pty
import secrets
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}


def practicum(environment: dict[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from practicum.cli.main import main; main()", "secrets", *words]
    return subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, timeout=30)


def test_a_key_from_stdin_is_kept_listed_and_forgotten_and_never_shown(environment: dict[str, str]) -> None:
    value = secrets.token_urlsafe(30)
    done = practicum(environment, "set", "github@dev-1", stdin=value + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    listed = practicum(environment, "list")
    assert "github@dev-1" in listed.stdout
    assert "just now" in listed.stdout
    [row] = [json.loads(line) for line in practicum(environment, "list", "--json").stdout.splitlines()]
    assert (row["name"], row["version"]) == ("github@dev-1", 1)
    rotated = practicum(environment, "rotate-key")
    assert rotated.returncode == 0
    removed = practicum(environment, "remove", "github@dev-1")
    assert removed.returncode == 0
    for shown in (done, listed, rotated, removed):
        assert value[:6] not in shown.stdout + shown.stderr
    assert "no key yet" in practicum(environment, "list").stdout


def test_a_value_as_argument_is_refused_and_not_repeated(environment: dict[str, str]) -> None:
    for words in (("set", "github", "hunter2hunter2"), ("set", "github=hunter2hunter2")):
        done = practicum(environment, *words)
        assert done.returncode == 2
        assert "never given as an argument" in done.stderr
        assert "hunter2" not in done.stdout + done.stderr


def test_a_mistyped_service_is_named_with_the_one_that_was_meant(environment: dict[str, str]) -> None:
    done = practicum(environment, "set", "githb@dev-1", stdin="value-value")
    assert done.returncode == 2
    assert 'did you mean "github@dev-1"?' in done.stderr
    missing = practicum(environment, "remove", "github")
    assert missing.returncode == 2


def test_a_value_too_short_to_be_a_key_changes_nothing(environment: dict[str, str]) -> None:
    assert practicum(environment, "set", "github", stdin="short\n").returncode == 2
    assert "no key yet" in practicum(environment, "list").stdout


def test_keys_in_the_shell_are_listed_by_name(environment: dict[str, str]) -> None:
    listed = practicum({**environment, "GITHUB_TOKEN": "canary-canary", "UNRELATED_TOKEN": "x"}, "list")
    assert "GITHUB_TOKEN" in listed.stdout
    assert "canary" not in listed.stdout
    assert "UNRELATED" not in listed.stdout


def test_on_a_terminal_the_value_is_asked_for_without_echo(environment: dict[str, str]) -> None:
    value = secrets.token_urlsafe(30)
    command = [sys.executable, "-c", "from practicum.cli.main import main; main()", "secrets", "set", "github"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(command[0], command, environment)
    screen = b""
    while b"not shown" not in screen:
        screen += os.read(terminal, 1024)
    os.write(terminal, value.encode() + b"\n")
    while True:
        try:
            screen += os.read(terminal, 1024)
        except OSError:  # the other side is closed
            break
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert value not in screen.decode()
    assert "github" in practicum(environment, "list").stdout
