"""A scenario's workspace on E2B's machines, against a server of E2B's protocol on this machine."""

from __future__ import annotations

import secrets
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from practicum.errors import SandboxError, UsageError
from practicum.scenarios.environments import providers

sys.path.insert(0, str(Path(__file__).parents[2] / "sandbox"))

from e2b_server import E2BServer, serving

pytestmark = pytest.mark.sandbox


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[E2BServer]:
    monkeypatch.setattr(providers, "_found", {})
    async with serving(f"e2b_{secrets.token_hex(20)}") as started:
        monkeypatch.setenv("E2B_API_URL", started.url)
        monkeypatch.setenv("E2B_SANDBOX_URL", started.url)
        yield started


async def test_steps_run_there_with_the_seeds_and_what_they_make_comes_back(server: E2BServer, opened) -> None:
    setup = {"virtual_fs": {"file": "seeded"}, "db_seed": {"users": [{"id": 1}]}}
    workspace = await opened({"type": "e2b", "image": "mine"}, setup, secrets={"e2b": server.key}.get)
    assert workspace.isolation["tier"] == "e2b"
    code = "cat file; echo $DATABASE_URL; env | grep -c KEY; echo made > made; rm file"
    done = await workspace.run_code("bash", code, 20)
    assert done.stdout == "seededsqlite:////agent/data.db\n0\n"
    assert (done.created, done.deleted, done.stderr) == (("made",), ("file",), "")
    failed = await workspace.run_code("sh", "\nno-such-program", 20)
    assert "/step/code-2.sh: 2: no-such-program: not found" in failed.stderr
    assert (await workspace.run("cat made", 20)).stdout == "made\n"
    with pytest.raises(UsageError, match="environment e2b: julia needs julia"):
        await workspace.run_code("julia", "1", 20)
    await workspace.close()
    assert {asked["templateID"] for asked in server.made} == {"mine"}
    assert len(server.ended) == len(server.made)


async def test_a_machine_that_is_gone_is_infrastructure_not_a_failed_step(server: E2BServer, opened) -> None:
    workspace = await opened("e2b", secrets={"e2b": server.key}.get)
    for box in list(server.boxes):
        server.boxes.pop(box)
    with pytest.raises(SandboxError, match="E2B: "):
        await workspace.run_code("bash", "echo hi", 5)
