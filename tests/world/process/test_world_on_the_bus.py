"""The world's events on a real nats-server, each service with an identity of its own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from world_launching import DEPLOYER, app, launch, make_boot

from practicum.bus.address import events_filter
from practicum.bus.event import Event
from practicum.bus.identity import BusKeys
from practicum.bus.nats import connect_nats, create_stream, stream_name
from practicum.bus.server import EmbeddedServer

pytestmark = [pytest.mark.broker, pytest.mark.sandbox]

RUN = "RUN1"


async def test_every_service_writes_as_itself_and_events_are_stored(tmp_path: Path) -> None:
    keys = BusKeys(RUN, ())
    server = EmbeddedServer(tmp_path / "bus", config=keys.server_config())
    await server.start()
    stream = stream_name(RUN)
    jwt, seed = keys.mint("launcher", "launcher", RUN, timedelta(minutes=5), stream=stream)
    launcher = await connect_nats(server.url, run=RUN, source="launcher", jwt=jwt, seed=seed)
    try:
        await create_stream(launcher)
        boot = make_boot(tmp_path / "world", deploy={}, slack={"channels": ["dev"]})
        minted = {name: keys.mint(name, "world", RUN, timedelta(minutes=5)) for name in ("world-deploy", "world-slack")}
        identities = {name: {"jwt": jwt, "seed": seed} for name, (jwt, seed) in minted.items()}
        boot["bus"] = {"url": server.url, "stream": stream, "identities": identities}
        events: list[Event] = []
        async with launch(boot) as world, aiohttp.ClientSession() as session:
            url = (await world.line())["url"]
            headers = {"Authorization": f"Bearer {DEPLOYER}", "X-Practicum-Exchange": "exchange-1"}
            address = f"{url}/deploy/v1/apps/shortlink/deployments?version=v1&wait=true"
            async with session.post(address, data=app(), headers=headers) as answer:
                assert answer.status == 201
            assert "result" in await world.ask("say", service="slack", channel="dev", user="carol", text="hi")
            subscription = await launcher.subscribe([events_filter(RUN)])
            while not any(event.source == "world-slack" for event in events):
                for delivery in await subscription.batch(100):
                    events.append(delivery.event())
                    await delivery.ack()
            await subscription.close()
        told = [(event.source, event.type) for event in events if event.source == "world-deploy"]
        assert told == [
            ("world-deploy", "world.changed"),
            ("world-deploy", "job.started"),
            ("world-deploy", "world.changed"),
            ("world-deploy", "job.finished"),
        ]
        assert {event.cause for event in events if event.source == "world-deploy"} == {"exchange-1"}
    finally:
        await launcher.close()
        await server.stop()


async def test_a_service_without_an_identity_is_refused_at_boot(tmp_path: Path) -> None:
    boot = make_boot(tmp_path / "world", deploy={})
    boot["bus"] = {"url": "nats://127.0.0.1:1", "identities": {"world-slack": {"jwt": "x", "seed": "y"}}}
    async with launch(boot) as world:
        assert "no bus identity for world-deploy" in (await world.line())["error"]["message"]
        assert await world.ended(20) == 1
