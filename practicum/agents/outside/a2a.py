"""The protocol `a2a`: the program is an A2A agent server at the port that its environment names.

Source: the Agent2Agent protocol 1.0 (https://a2a-protocol.org), through its SDK, which reads 0.3 too.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from practicum.agents.outside.a2a_told import Told
from practicum.agents.outside.asking import Task, answer
from practicum.agents.outside.running import Running, while_it_lives
from practicum.api.model import ModelRequest, ModelTurn
from practicum.errors import ModelError

if TYPE_CHECKING:
    import httpx
    from a2a.client import Client

_START_S = 60.0
"""How long its server may take until it listens."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0
_MOST_BYTES = 16 * 1024 * 1024
"""Of one answer over HTTP."""


class A2ADialogue:
    """Sends one message a turn, all in one context."""

    def __init__(self, start: Callable[[int], Awaitable[Running]]) -> None:
        """`start` starts the program, which is to listen at a port of 127.0.0.1."""
        self._start = start
        self._program: Running | None = None
        self._talking: asyncio.Task[None] | None = None
        self._http: httpx.AsyncClient | None = None
        self._client: Client | None = None
        self._context = self._task = ""

    async def ask(self, request: ModelRequest, task: Task | None) -> ModelTurn:
        """See `Dialogue`."""
        if task is None:
            raise ModelError("a program of the protocol a2a calls tools by itself")
        if self._program is None:
            port = _free_port()
            self._program = await self._start(port)
            self._talking = asyncio.create_task(_listen(self._program), name="a2a talk")
            self._client = await while_it_lives(self._program, self._connect(port))
        return answer(await while_it_lives(self._program, self._say(task.text)))

    async def _connect(self, port: int) -> Client:
        """Wait until it listens, read its card, and make a client for the address that we gave it."""
        import httpx
        from a2a.client import A2ACardResolver, ClientConfig, ClientFactory

        await _listening(port)
        self._http = httpx.AsyncClient(
            transport=_bounded(_MOST_BYTES), timeout=httpx.Timeout(None, connect=5.0), trust_env=False
        )
        card = await A2ACardResolver(self._http, f"http://127.0.0.1:{port}").get_agent_card()
        for interface in card.supported_interfaces:
            # Cards name hosts as they are called elsewhere; and nobody else is to be asked in its place.
            interface.url = f"http://127.0.0.1:{port}{urlsplit(interface.url).path or '/'}"
        config = ClientConfig(httpx_client=self._http, supported_protocol_bindings=["JSONRPC", "HTTP+JSON"])
        return ClientFactory(config).create(card)

    async def _say(self, text: str) -> str:
        """Send words, and wait for what comes of them."""
        from a2a.types import a2a_pb2 as pb

        assert self._client is not None
        message = pb.Message(
            message_id=os.urandom(16).hex(),
            role=pb.Role.ROLE_USER,
            parts=[pb.Part(text=text)],
            context_id=self._context,
            task_id=self._task,
        )
        told = Told()
        async for event in self._client.send_message(pb.SendMessageRequest(message=message)):
            told.take(event)
        pause = _FIRST_PAUSE_S
        while told.goes_on and told.task:
            await asyncio.sleep(pause)  # between two questions to a server that answers before it is done
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)
            told.whole(await self._client.get_task(pb.GetTaskRequest(id=told.task)))
        self._context, self._task = told.context, told.task if told.asks_back else ""
        return told.text()

    async def close(self) -> None:
        """See `Dialogue`."""
        if self._http is not None:
            await self._http.aclose()
        if self._program is not None:
            await self._program.stop()
        if self._talking is not None:
            self._talking.cancel()
            with suppress(asyncio.CancelledError):
                await self._talking


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _listening(port: int) -> None:
    """Wait until somebody listens at the port, and see that it is our program.

    Raises:
        ModelError: nobody did in time, or somebody else does.
    """
    pause = _FIRST_PAUSE_S
    try:
        async with asyncio.timeout(_START_S):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(pause)  # between two attempts: a port does not tell when it opens
                pause = min(pause * 1.5, _LONGEST_PAUSE_S)
    except TimeoutError as error:
        raise ModelError(f"the program did not listen at port {port} (PORT) within {_START_S:g} s") from error
    if not _is_ours(port):
        raise ModelError(f"port {port} was taken by somebody else before the program listened there")


def _is_ours(port: int) -> bool:
    """Whether a socket of our uid listens there (proc_net(5)): agents share the machine's loopback, not their uids."""
    for name in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
                fields = line.split()
                local, state, uid = fields[1], fields[3], fields[7]
                if state == "0A" and int(local.rpartition(":")[2], 16) == port and int(uid) == os.getuid():
                    return True
    return False


async def _listen(program: Running) -> None:
    """Read what the server prints, so that it never waits for a reader."""
    while (line := await program.line()) is not None:
        program.words.add(line)


def _bounded(most: int) -> httpx.AsyncBaseTransport:
    """A transport whose answers come to an end: our memory is not for a program to fill."""
    import httpx

    class Counted(httpx.AsyncByteStream):
        def __init__(self, stream: httpx.AsyncByteStream) -> None:
            self._stream, self._left = stream, most

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for chunk in self._stream:
                self._left -= len(chunk)
                if self._left < 0:
                    raise httpx.ReadError(f"an answer of over {most} bytes")
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    class Bounded(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            if isinstance(response.stream, httpx.AsyncByteStream):
                response.stream = Counted(response.stream)
            return response

    return Bounded()
