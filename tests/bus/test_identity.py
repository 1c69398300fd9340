"""Bus identities against a real nats-server: what each kind may do, and above all what it may not."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import pickle
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nkeys
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.js.api import AckPolicy, ConsumerConfig

from practicum.bus.identity import BusKeys, SourceKind, expiry_of, permissions_for, public_key_of
from practicum.errors import BusError, UsageError

pytestmark = pytest.mark.broker

RUN, STREAM = "r1", "practicum-r1"
HOUR = timedelta(hours=1)


class Server:
    def __init__(self, keys: BusKeys, directory: Path) -> None:
        self.keys = keys
        self.connections: list[Connection] = []
        self.url = ""
        config = directory / "server.conf"
        config.write_text(
            f'listen: "127.0.0.1:-1"\njetstream {{ store_dir: "{directory}/store" }}\n{keys.server_config()}'
        )
        binary = Path(sys.executable).with_name("nats-server")
        self.process = subprocess.Popen([str(binary), "-c", str(config)], stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if listening := re.search(r"Listening for client connections on (127\.0\.0\.1:\d+)", line):
                self.url = f"nats://{listening[1]}"
            elif "Server is ready" in line:
                break
        else:
            raise AssertionError("nats-server did not come up")

    async def stop(self) -> None:
        for connection in self.connections:
            await connection.client.close()
        self.process.kill()
        self.process.communicate()

    async def connect(
        self, source: str, kind: SourceKind, *, ttl: timedelta = HOUR, keys: BusKeys | None = None
    ) -> Connection:
        consumer = f"mailbox-{source}" if kind == "agent" else ""
        jwt, seed = (keys or self.keys).mint(source, kind, RUN, ttl, STREAM, consumer)
        return await self.connect_as(source, jwt, seed)

    async def connect_as(self, source: str, jwt: str, seed: str) -> Connection:
        pair = nkeys.from_seed(bytearray(seed.encode()))
        connection = Connection()
        self.connections.append(connection)
        await connection.client.connect(
            self.url,
            user_jwt_cb=lambda: bytearray(jwt.encode()),
            signature_cb=lambda nonce: base64.b64encode(pair.sign(nonce.encode())),
            inbox_prefix=f"_INBOX.{source}".encode(),
            error_cb=connection.on_error,
            closed_cb=connection.on_closed,
            allow_reconnect=False,
            max_reconnect_attempts=1,
        )
        return connection


class Connection:
    def __init__(self) -> None:
        self.client = Client()
        self.errors: asyncio.Queue[str] = asyncio.Queue()
        self.closed = asyncio.Event()

    async def on_error(self, error: Exception) -> None:
        self.errors.put_nowait(str(error).lower())

    async def on_closed(self) -> None:
        self.closed.set()

    async def refused(self) -> str:
        return await asyncio.wait_for(self.errors.get(), 20)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(BusKeys(RUN, ["dev-1", "pm"]), tmp_path)
    yield server
    await server.stop()


@pytest.fixture
async def launcher(server: Server) -> Client:
    launcher = (await server.connect("launcher", "launcher")).client
    stream = launcher.jetstream()
    await stream.add_stream(name=STREAM, subjects=[f"practicum.{RUN}.from.*.to.>"])
    for agent in ("dev-1", "pm"):
        await stream.add_consumer(
            STREAM,
            ConsumerConfig(
                durable_name=f"mailbox-{agent}",
                ack_policy=AckPolicy.EXPLICIT,
                filter_subject=f"practicum.{RUN}.from.*.to.agent.{agent}.>",
            ),
        )
    return launcher


def subject(source: str, to: str) -> str:
    return f"practicum.{RUN}.from.{source}.to.agent.{to}.message.posted"


async def test_an_agent_publishes_as_itself_and_pulls_and_acknowledges_its_own_mail(
    server: Server, launcher: Client
) -> None:
    pm, dev = await server.connect("pm", "agent"), await server.connect("dev-1", "agent")
    ack = await pm.client.jetstream().publish(subject("pm", "dev-1"), b"hello")
    assert ack.seq == 1
    mailbox = await dev.client.jetstream().pull_subscribe_bind("mailbox-dev-1", STREAM)
    [message] = await mailbox.fetch(1, timeout=5)
    assert message.data == b"hello"
    await message.ack_sync(timeout=5)
    info = await launcher.jetstream().consumer_info(STREAM, "mailbox-dev-1")
    assert info.num_ack_pending == 0
    assert pm.errors.empty()
    assert dev.errors.empty()


@pytest.mark.parametrize(
    "target",
    [
        subject("pm", "lead"),
        subject("proctor", "dev-1"),
        "practicum.r2.from.dev-1.to.all.all.message.posted",
        f"practicum.{RUN}.from.pm.ask.launcher.exec",
        "_INBOX.pm.abc",
        f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.mailbox-pm",
        f"$JS.ACK.{STREAM}.mailbox-pm.1.1.1.1.0",
        f"$JS.API.STREAM.DELETE.{STREAM}",
        f"$JS.API.STREAM.PURGE.{STREAM}",
        f"$JS.API.STREAM.MSG.GET.{STREAM}",
        f"$JS.API.DIRECT.GET.{STREAM}",
        f"$JS.API.STREAM.INFO.{STREAM}",
        f"$JS.API.CONSUMER.CREATE.{STREAM}",
        f"$JS.API.CONSUMER.DELETE.{STREAM}.mailbox-dev-1",
        "$JS.API.STREAM.LIST",
        "$JS.API.INFO",
        "$SYS.REQ.USER.INFO.x",
    ],
)
async def test_the_broker_refuses_an_agent_everything_that_is_not_its_own(
    server: Server, launcher: Client, target: str
) -> None:
    dev = await server.connect("dev-1", "agent")
    await dev.client.publish(target, b"forged")
    assert "permissions violation for publish" in await dev.refused()
    assert (await launcher.jetstream().stream_info(STREAM)).state.messages == 0


@pytest.mark.parametrize("target", ["practicum.>", "_INBOX.>", "_INBOX.pm.>", ">", "$JS.>", "$SYS.>"])
@pytest.mark.parametrize("kind", ["agent", "world", "observer"])
async def test_nobody_listens_where_others_are_answered(
    server: Server, launcher: Client, target: str, kind: SourceKind
) -> None:
    source = await server.connect("dev-1", kind)
    await source.client.subscribe(target)
    assert "permissions violation for subscription" in await source.refused()


@pytest.mark.parametrize("kind", ["world", "observer", "proctor"])
async def test_only_the_launcher_changes_the_stream(server: Server, launcher: Client, kind: SourceKind) -> None:
    source = await server.connect("someone", kind)
    for verb in ("DELETE", "PURGE", "UPDATE"):
        await source.client.publish(f"$JS.API.STREAM.{verb}.{STREAM}", b"")
        assert "permissions violation for publish" in await source.refused()


async def test_the_observer_reads_the_whole_stream(server: Server, launcher: Client) -> None:
    observer, world = await server.connect("observer", "observer"), await server.connect("world-github", "world")
    await world.client.jetstream().publish(subject("world-github", "pm"), b"changed")
    reading = await observer.client.jetstream().pull_subscribe("", durable="observer", stream=STREAM)
    [message] = await reading.fetch(1, timeout=5)
    assert message.subject == subject("world-github", "pm")
    await message.ack_sync(timeout=5)
    assert observer.errors.empty()


@pytest.mark.parametrize("service", ["proctor", "launcher"])
async def test_an_ask_is_answered_privately(server: Server, launcher: Client, service: SourceKind) -> None:
    answering, dev = await server.connect(service, service), await server.connect("dev-1", "agent")

    async def answer(message: Msg) -> None:
        await message.respond(message.data.upper())

    await answering.client.subscribe(f"practicum.{RUN}.from.*.ask.{service}.>", cb=answer)
    await answering.client.flush()
    question = f"practicum.{RUN}.from.dev-1.ask.{service}.renew"
    async with asyncio.timeout(10):
        while True:  # interest crosses from one account to another a moment after the server has taken the subscription
            try:
                reply = await dev.client.request(question, b"please", timeout=5)
                break
            except NoRespondersError:
                await asyncio.sleep(0.05)
    assert reply.data == b"PLEASE"


async def test_a_pull_with_anothers_subject_as_reply_address_forges_nothing(server: Server, launcher: Client) -> None:
    """The server delivers pulled messages to the reply subject itself: that must not become an event of another."""
    dev = await server.connect("dev-1", "agent")
    await dev.client.jetstream().publish(subject("dev-1", "dev-1"), b"I am the pm")
    await dev.client.publish(
        f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.mailbox-dev-1",
        b'{"batch":1,"expires":1000000000}',
        reply=subject("pm", "pm"),
    )
    await dev.client.flush()
    await asyncio.sleep(1)
    state = (await launcher.jetstream().stream_info(STREAM)).state
    assert state.messages == 1


async def test_an_expired_identity_is_disconnected_and_not_let_in_again(server: Server) -> None:
    # An expiry is in whole seconds, cut off: of two, one at least is left to connect in.
    jwt, seed = server.keys.mint("dev-1", "agent", RUN, timedelta(seconds=2), STREAM, "mailbox-dev-1")
    dev = await server.connect_as("dev-1", jwt, seed)
    await asyncio.wait_for(dev.closed.wait(), 20)
    late, seed = server.keys.mint("dev-1", "agent", RUN, timedelta(seconds=-2), STREAM, "mailbox-dev-1")
    with pytest.raises(NatsError):
        await server.connect_as("dev-1", late, seed)


async def test_a_renewed_identity_keeps_its_user_key(server: Server) -> None:
    _, seed = server.keys.mint("dev-1", "agent", RUN, timedelta(seconds=1), STREAM, "mailbox-dev-1")
    later = server.keys.sign(public_key_of(seed), "dev-1", "agent", RUN, HOUR, STREAM, "mailbox-dev-1")
    await server.connect_as("dev-1", later, seed)
    expires = expiry_of(later)
    assert expires is not None
    assert expires - datetime.now(UTC) > timedelta(minutes=59)


async def test_an_identity_of_another_runs_keys_is_refused(server: Server) -> None:
    with pytest.raises(NatsError):
        await server.connect("dev-1", "agent", keys=BusKeys())


async def test_keys_from_an_account_seed_sign_for_the_same_bus(server: Server) -> None:
    account_seed = server.keys.secrets()[1]
    foreign = BusKeys.from_account_seed(account_seed)
    assert foreign.server_config() == ""
    await server.connect("dev-1", "agent", keys=foreign)


def test_a_seed_that_is_not_an_accounts_is_refused_without_being_repeated() -> None:
    _, user_seed = BusKeys().mint("dev-1", "world", RUN, HOUR)
    [_, account, _] = BusKeys().secrets()
    broken = account[:20] + ("A" if account[20] != "A" else "B") + account[21:]
    for seed in (user_seed, broken, "nonsense"):
        with pytest.raises(BusError) as caught:
            BusKeys.from_account_seed(seed)
        assert seed not in str(caught.value)


def test_the_configuration_and_the_readable_form_hold_no_seed() -> None:
    keys = BusKeys()
    for seed in keys.secrets():
        assert seed not in keys.server_config() + repr(keys)
    with pytest.raises(TypeError), contextlib.suppress(AttributeError):
        pickle.dumps(keys)


def test_names_that_would_widen_a_subject_are_refused() -> None:
    for name in ("*", ">", "dev.1", "", "a b"):
        with pytest.raises(UsageError):
            permissions_for(name, "world", RUN)
    with pytest.raises(UsageError):
        permissions_for("dev-1", "agent", RUN, STREAM, "*")
    with pytest.raises(BusError):
        permissions_for("dev-1", "agent", RUN, STREAM)
