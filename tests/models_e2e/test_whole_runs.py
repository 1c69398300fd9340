"""A whole run through the gateway by each of the two official SDKs, its account, its replay."""

from __future__ import annotations

import pytest
from e2e_kit import MINI, said, scripted, run_with, serving
from practicum_command import Practicum

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow]


async def test_a_model_carries_a_run_and_its_record_replays_without_it(practicum: Practicum, vendor: str) -> None:
    async with serving(scripted(MINI / "teams/oracle.py")) as server:
        done = await run_with(practicum, vendor, server)
    assert done.returncode == 0, said(done)
    print(done.stdout)
    replayed = practicum("replay", "last")
    print(said(replayed))
    assert replayed.returncode == 0, said(replayed)
