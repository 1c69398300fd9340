from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from conformance import BusConformance, Connect
from nats_team import NatsTeam

from practicum.bus.protocol import Bus, Capabilities
from practicum.bus.server import MAX_PAYLOAD

pytestmark = pytest.mark.broker


@pytest.fixture
async def connect(tmp_path: Path) -> AsyncIterator[Connect]:
    team = NatsTeam(tmp_path)
    await team.start()

    async def connect_as(source: str) -> Bus:
        return await team.connect(source)

    yield connect_as
    await team.stop()


class TestNats(BusConformance):
    capabilities = Capabilities(stored=True, survives_restart=True, identities=True, redelivers=True)
    largest = MAX_PAYLOAD
