"""The whole `dev-team`, every agent a language model behind an official SDK: it passes like the scripted team."""

from __future__ import annotations

import pytest
from e2e_kit import LISTED, run_with, said, scripted, serving
from practicum_command import Practicum

from practicum.runtime.plan import library

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(240)]


async def test_models_carry_the_dev_team_and_the_record_replays_without_them(practicum: Practicum, vendor: str) -> None:
    async with serving(scripted(library() / "dev-team/teams/oracle.py")) as server:
        done = await run_with(practicum, vendor, server, scenario="dev-team", timeout=150, model=LISTED[vendor])
    assert done.returncode == 0, said(done)
    replayed = practicum("replay", "last", timeout=60)
    assert replayed.returncode == 0, said(replayed)
