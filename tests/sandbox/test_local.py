"""The tier that isolates nothing still keeps to the interface."""

from __future__ import annotations

import secrets
from pathlib import Path

import host_processes
import pytest

from practicum.api.sandbox import WORKSPACE, Limits, Mount, SandboxSpec
from practicum.sandbox.local import LocalProvider

pytestmark = pytest.mark.sandbox


async def test_places_inside_are_replaced_by_the_hosts(workspace: Path) -> None:
    (workspace / "file").write_text("hello")
    sandbox = await LocalProvider().open(SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True),)))
    try:
        result = await sandbox.run(["cat", f"{WORKSPACE}/file"])
        folder = await sandbox.run(["pwd"])
    finally:
        await sandbox.close()
    assert (result.stdout, folder.stdout) == ("hello", f"{workspace}\n")


async def test_our_environment_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "x")
    sandbox = await LocalProvider().open(SandboxSpec(env={"OWN": "1"}))
    try:
        result = await sandbox.run(["env"])
    finally:
        await sandbox.close()
    assert {line.split("=")[0] for line in result.stdout.split()} <= {"PATH", "HOME", "LANG", "TMPDIR", "OWN", "PWD"}


async def test_a_timeout_ends_the_process_group() -> None:
    seconds = str(100_000 + secrets.randbelow(100_000))
    sandbox = await LocalProvider().open(SandboxSpec(limits=Limits(wall_s=0.3)))
    try:
        result = await sandbox.run(["sh", "-c", f"sleep {seconds} & sleep {seconds}"])
    finally:
        await sandbox.close()
    assert (result.exit_code, result.timed_out) == (124, True)
    assert host_processes.wait_until_gone(seconds, 5) == []


async def test_what_keeps_the_pipe_open_does_not_keep_us(workspace: Path) -> None:
    sandbox = await LocalProvider().open(SandboxSpec())
    try:
        result = await sandbox.run(["sh", "-c", "setsid sleep 15 & echo done"])
    finally:
        await sandbox.close()
    assert result.stdout == "done\n"
    assert result.seconds < 10
