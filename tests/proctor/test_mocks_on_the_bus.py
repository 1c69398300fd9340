"""The proctor asks the launcher for the answers of mocks, over the bus; nobody else gets any."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from practicum.bus.events import Data
from practicum.clock import WallClock
from practicum.errors import BusError
from practicum.runtime.mocks import MockDesk, RunMocks
from practicum.scenarios.mocks import MockBook
from practicum.scenarios.schema import Mock
from tests.proctor.conftest import ProctorError, Run, StartRun

pytestmark = pytest.mark.broker


async def with_desk(start_run: StartRun) -> Run:
    """A run with one mock for a service that nobody plays."""
    run = await start_run(mocked=["mocks"])
    mock = Mock.model_validate({"service": "kb", "method": "search", "response": "found"})
    book = MockBook([mock], seed=0, clock=WallClock())

    async def publish(data: Data, cause: str | None) -> str:
        return ""

    desk = MockDesk(RunMocks(book, (), (("kb", "search"),)), {}, publish)
    await run.launcher.answer("launcher", desk.answer, verb="mock")
    return run


async def call(lease: dict[str, Any], path: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {lease['token']}"}
    async with aiohttp.ClientSession() as session, session.post(f"{lease['url']}{path}", headers=headers) as answer:
        return answer.status, await answer.json()


async def test_every_agent_of_a_run_with_mocks_has_a_lease_for_them(start_run: StartRun) -> None:
    run = await with_desk(start_run)
    for agent in ("dev-1", "lead"):
        leases = (await run.proctor.ask("lease", agent=agent))["leases"]
        assert await call(leases["mocks"], "/kb/search") == (200, "found")
    told = [credential["service"] for credential in run.opened["world_credentials"]]
    assert "mocks" not in told, "the world does not play it"


async def test_an_agent_that_asks_the_launcher_itself_is_refused(start_run: StartRun) -> None:
    run = await with_desk(start_run)
    agent = await run.agent("dev-1")
    try:
        with pytest.raises(BusError, match="asked by the proctor only"):
            await agent.ask("launcher", "mock", b'{"exchange": "", "agent": "lead", "service": "kb"}', timeout=5)
    finally:
        await agent.close()


async def test_without_mocks_there_is_no_lease_for_them(start_run: StartRun) -> None:
    run = await start_run()
    leases = (await run.proctor.ask("lease", agent="dev-1"))["leases"]
    assert "mocks" not in leases
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {leases['github']['token']}"}
        async with session.post(f"{run.gateway}/mocks/kb/search", headers=headers) as answer:
            assert answer.status == 401


async def test_an_agent_cannot_be_called_as_the_parts_of_practicum_are(start_run: StartRun) -> None:
    """So that `proctor` as an asker is the proctor."""
    charter = {"role": "developer"}
    agents = [{"name": "proctor", "role": "developer", "charter": charter, "model": "script/x"}]
    with pytest.raises(ProctorError, match="cannot be called proctor"):
        await start_run(agents=agents)
