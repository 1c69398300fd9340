"""Fleets of real plugins in real sandboxes."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fleet_kit import Heard, quick_fleet

from practicum.plugins.host.fleet import Fleet
from practicum.plugins.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "plugins")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def fleet(store: Store, heard: Heard) -> AsyncIterator[Fleet]:
    async with quick_fleet(store, heard) as opened:
        yield opened
