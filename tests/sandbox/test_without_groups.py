"""On a machine where no control group can be made: what is still bounded, and what says that it is not."""

from __future__ import annotations

import pytest

from practicum.api.sandbox import MIB, Limits, SandboxProvider, SandboxSpec
from practicum.sandbox import opening, probe

pytestmark = pytest.mark.sandbox


@pytest.fixture(autouse=True)
def no_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "hierarchy", lambda: None)


async def test_each_process_is_still_bounded(provider: SandboxProvider) -> None:
    sandbox = await provider.open(SandboxSpec(limits=Limits(memory_bytes=64 * MIB)))
    try:
        result = await sandbox.run(["python", "-I", "-S", "-c", "x = bytearray(100 << 20)"])
    finally:
        await sandbox.close()
    assert result.exit_code == 1
    assert "MemoryError" in result.stderr


async def test_node_starts_although_it_reserves_more_than_it_may_use(provider: SandboxProvider) -> None:
    sandbox = await provider.open(SandboxSpec(limits=Limits(memory_bytes=512 * MIB)))
    try:
        result = await sandbox.run(["node", "-e", "console.log(1 + 1)"])
    finally:
        await sandbox.close()
    if result.exit_code == 127:
        pytest.skip("node is not installed")
    assert (result.stdout, result.stderr) == ("2\n", "")


async def test_the_probe_finds_that_memory_is_bounded_for_each_process_only(provider: SandboxProvider) -> None:
    found = await probe.probe(provider)
    assert found.mem == "per_process"
    assert probe.NO_GROUPS in found.remarks
    assert found.missing(("fs", "net", "pid", "seccomp")) == ()
