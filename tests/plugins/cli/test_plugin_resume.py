"""A job whose process was killed is taken up again, and one that waits is cancelled from another terminal."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from practicum_command import Practicum

pytestmark = [pytest.mark.slow, pytest.mark.sandbox, pytest.mark.timeout(150)]

SPEC = """
name: vault-door
description: Opens.
providers:
  - {name: door, description: Whether it is open., text: The door is closed.}
capabilities: [env]
environment:
  - {name: DOOR_TOKEN, required: true, sensitive: true}
"""


def until(running: subprocess.Popen[str], words: str) -> str:
    """What the command says until these words come."""
    assert running.stdout is not None
    said = ""
    while words not in said:
        line = running.stdout.readline()
        assert line, said
        said += line
    return said


def commands(home: Path) -> list[str]:
    """Processes whose command line or environment names the project."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(home).encode() in text:
            found.append(text[:80].decode(errors="replace"))
    return found


def test_killed_then_resumed_then_cancelled(practicum: Practicum) -> None:
    (practicum.cwd / "door.yaml").write_text(SPEC)
    with practicum.start("plugin", "create", "door.yaml") as first:
        until(first, "waits for")
        first.kill()
    shown = practicum("plugin", "status").stdout
    assert "its process died" in shown
    with practicum.start("plugin", "resume") as second:
        until(second, "waits for")
        done = practicum("plugin", "cancel", "last", timeout=55)
        assert (done.returncode, "is cancelled" in done.stdout) == (0, True), done.stdout + done.stderr
        output, errors = second.communicate(timeout=55)
    assert second.returncode == 3, output + errors
    job = json.loads(practicum("plugin", "status", "--json").stdout)
    assert (job["state"], job["reason"]) == ("cancelled", "cancelled by operator")
    assert not commands(practicum.home)
    again = practicum("plugin", "resume")
    assert "no job was left behind" in again.stdout
