from __future__ import annotations

import pytest
from conformance import RUN, BusConformance, Connect

from practicum.bus.address import mailbox_filters
from practicum.bus.memory import MemoryBroker
from practicum.bus.protocol import Bus, Capabilities


@pytest.fixture
async def connect() -> Connect:
    broker = MemoryBroker()
    mailbox = await broker.connect(RUN, "launcher").subscribe(mailbox_filters(RUN, "dev-1"), durable="mailbox-dev-1")
    await mailbox.close()

    async def connect_as(source: str) -> Bus:
        return broker.connect(RUN, source)

    return connect_as


class TestMemory(BusConformance):
    capabilities = Capabilities(stored=True, survives_restart=False, identities=True, redelivers=True)
