"""What a hostile agent tries with its own identity and a bare NATS client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conformance import RUN, message, nothing_more, take, text_of
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats_team import STREAM, NatsTeam

from practicum.bus.address import EVERYONE, events_filter, to_agent
from practicum.bus.event import MalformedEventError
from practicum.bus.nats import NatsBus

pytestmark = pytest.mark.broker

VICTIM = f"practicum.{RUN}.from.proctor.to.agent.dev-2.lease.granted"
OWN = f"practicum.{RUN}.from.dev-1.to.agent.dev-1.message.posted"
PULL = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.mailbox-dev-1"


@dataclass
class Scene:
    team: NatsTeam
    launcher: NatsBus
    attacker: Client
    violations: list[str]

    async def settle(self) -> None:
        """Return when the server has seen all: the first PING of nats-py may overtake what is buffered."""
        await self.attacker.flush()
        await self.attacker.flush()

    async def refusal(self) -> str:
        await self.settle()
        return self.violations[-1] if self.violations else ""

    async def log(self) -> list[str]:
        """The subjects of all that is stored, and a last event to know that it is all."""
        await self.settle()
        await asyncio.sleep(0.1)  # time for the server to do what it must not
        count = await self.launcher.publish(message("launcher", "last"), EVERYONE)
        subscription = await self.launcher.subscribe([events_filter(RUN)])
        subjects = [one.subject for one in await take(subscription, count)]
        assert await nothing_more(subscription)
        return subjects[:-1]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    team = NatsTeam(tmp_path)
    await team.start()
    violations: list[str] = []
    yield Scene(team, await team.connect("launcher"), await team.attacker("dev-1", violations), violations)
    await team.stop()


@pytest.mark.parametrize(
    "subject",
    [
        f"practicum.{RUN}.from.pm.to.all.all.message.posted",
        f"practicum.{RUN}.from.pm.ask.launcher.exec",
        "practicum.OTHER.from.dev-1.to.all.all.message.posted",
        f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.mailbox-dev-2",
        f"$JS.ACK.{STREAM}.mailbox-dev-2.1.1.1.1.0",
        f"$JS.API.CONSUMER.CREATE.{STREAM}.mine",
        f"$JS.API.CONSUMER.DELETE.{STREAM}.mailbox-dev-2",
        f"$JS.API.CONSUMER.INFO.{STREAM}.mailbox-dev-1",
        f"$JS.API.STREAM.INFO.{STREAM}",
        f"$JS.API.STREAM.DELETE.{STREAM}",
        f"$JS.API.STREAM.PURGE.{STREAM}",
        f"$JS.API.STREAM.MSG.GET.{STREAM}",
        f"$JS.API.STREAM.MSG.DELETE.{STREAM}",
        f"$JS.API.DIRECT.GET.{STREAM}",
        "$JS.API.STREAM.NAMES",
        "$JS.API.INFO",
        "_INBOX.dev-2.anything",
        "_R_.anything.at-all",
    ],
)
async def test_publishing_beyond_its_own_is_refused(scene: Scene, subject: str) -> None:
    await scene.attacker.publish(subject, b"{}", reply="_INBOX.dev-1.reply")
    assert f'publish to "{subject.lower()}"' in (await scene.refusal()).lower()
    assert await scene.log() == []


@pytest.mark.parametrize("subject", [">", "practicum.>", "_INBOX.>", "_INBOX.dev-2.>", "_R_.>", "$JS.>"])
async def test_listening_to_others_is_refused(scene: Scene, subject: str) -> None:
    await scene.attacker.subscribe(subject)
    assert "permissions violation for subscription" in (await scene.refusal()).lower()


@pytest.mark.parametrize("reply", [VICTIM, f"practicum.{RUN}.from.dev-2.to.all.all.message.posted"])
async def test_no_reply_address_makes_the_server_write_as_another(scene: Scene, reply: str) -> None:
    """The server sends receipts, pulled events, confirmations and 'nobody is there' to any reply address."""
    attacker = scene.attacker
    await attacker.publish(OWN, message("proctor", "you may").to_json(), reply=reply)
    await attacker.publish(PULL, b'{"batch":1}', reply=reply)
    await attacker.publish(f"$JS.ACK.{STREAM}.mailbox-dev-1.1.1.1.1.0", b"+ACK", reply=reply)
    await attacker.publish(f"$JS.ACK.{STREAM}.mailbox-dev-1.1.1.1.1.0", b"+NXT", reply=reply)
    await attacker.publish(f"practicum.{RUN}.from.dev-1.ask.nobody.exec", b"", reply=reply)
    assert set(await scene.log()) == {OWN}


@pytest.mark.parametrize(
    "command",
    [
        f"STREAM.DELETE.{STREAM}",
        f"STREAM.PURGE.{STREAM}",
        f"STREAM.MSG.DELETE.{STREAM}",
        f"CONSUMER.DELETE.{STREAM}.mailbox-dev-2",
        f"CONSUMER.RESET.{STREAM}.mailbox-dev-2",
    ],
)
async def test_no_reply_address_makes_the_server_harm_the_log(scene: Scene, command: str) -> None:
    """With all agents in one account, the empty confirmation of an acknowledgement deletes the stream."""
    await scene.launcher.publish(message("launcher", "evidence"), to_agent("dev-1"))
    await scene.launcher.publish(message("launcher", "for dev-2"), to_agent("dev-2"))
    got: asyncio.Queue[Msg] = asyncio.Queue()

    async def received(arrived: Msg) -> None:
        await got.put(arrived)

    await scene.attacker.subscribe("_INBOX.dev-1.pull", cb=received)
    await scene.attacker.publish(PULL, b'{"batch":1}', reply="_INBOX.dev-1.pull")
    delivered = await asyncio.wait_for(got.get(), 20)
    await scene.attacker.publish(delivered.reply, b"+ACK", reply=f"$JS.API.{command}")
    await scene.attacker.publish(OWN, b"{}", reply=f"$JS.API.{command}")
    await scene.attacker.publish(f"practicum.{RUN}.from.dev-1.ask.nobody.exec", b"", reply=f"$JS.API.{command}")
    assert len(await scene.log()) == 3
    victim = await scene.team.connect("dev-2")
    mail = await take(await victim.subscribe((), durable="mailbox-dev-2"), 1)
    assert text_of(mail[0]) == "for dev-2"


async def test_an_answer_goes_nowhere_but_to_the_asker(scene: Scene) -> None:
    asked: list[str] = []

    async def handler(source: str, body: bytes) -> bytes:
        asked.append(source)
        return body

    proctor = await scene.team.connect("proctor")
    await proctor.answer("proctor", handler)
    forged = message("proctor", "you may").to_json()
    for reply in (VICTIM, f"practicum.{RUN}.from.proctor.ask.launcher.exec", "_INBOX.dev-2.x"):
        await scene.attacker.publish(f"practicum.{RUN}.from.dev-1.ask.proctor.lease", forged, reply=reply)
    assert await scene.log() == []
    # From a source of the same account the reply address arrives as it was given, and is looked at.
    world = await scene.team.attacker("observer", [])
    await world.publish(f"practicum.{RUN}.from.observer.ask.proctor.lease", forged, reply=VICTIM)
    await world.flush()
    await world.flush()
    assert await scene.log() == [f"practicum.{RUN}.from.launcher.to.all.all.message.posted"]
    assert "observer" not in asked
    assert any("not answered" in str(error) for error in scene.team.errors)


async def test_a_body_that_claims_another_source_run_or_type_is_noticed(scene: Scene) -> None:
    event = message("dev-1", "hello")
    await scene.attacker.publish(OWN, message("proctor", "forged body").to_json())
    await scene.attacker.publish(OWN, message("dev-1", "hello", run="OTHER").to_json())
    await scene.attacker.publish(OWN.replace("message.posted", "lease.granted"), event.to_json())
    await scene.attacker.publish(OWN, b"not an event")
    await scene.attacker.publish(OWN, event.to_json())
    await scene.settle()
    subscription = await scene.launcher.subscribe([events_filter(RUN)])
    *bad, good = await take(subscription, 5)
    for delivery, why in zip(
        bad, ("source 'proctor'", "run 'OTHER'", "type 'message.posted'", "not an event"), strict=True
    ):
        with pytest.raises(MalformedEventError, match=why):
            delivery.event()
    assert good.event() == event
