"""One websocket connection: HELLO, IDENTIFY or RESUME, heartbeats, and events until it ends.

Source: discord.com/developers/docs/events/gateway and topics/opcodes-and-status-codes#gateway.
"""

from __future__ import annotations

import asyncio
import json

from aiohttp import WSMsgType, web

from practicum.bus.events import Json
from practicum.world.discord.bits import KNOWN_INTENTS, Intent
from practicum.world.discord.gateway.hub import Hub
from practicum.world.discord.gateway.session import Session
from practicum.world.discord.gateway.welcome import members_chunk, ready, welcome
from practicum.world.discord.gateway.wire import Wire
from practicum.world.discord.model import User
from practicum.world.service import Credentials

Body = dict[str, Json]

HEARTBEAT_MS = 41_250
FRAMES_A_MINUTE = 120

UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = 4001, 4002, 4003, 4004
ALREADY_AUTHENTICATED, RATE_LIMITED, SESSION_TIMED_OUT, INVALID_SHARD, INVALID_INTENTS = 4005, 4008, 4009, 4010, 4013


class CloseError(Exception):
    """The connection ends with one of Discord's close codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Connection:
    """Serves one client from HELLO to the end; the session may go on without it."""

    def __init__(self, hub: Hub, credentials: Credentials, wire: Wire, base_url: str) -> None:
        self._hub = hub
        self._credentials = credentials
        self._wire = wire
        self._base_url = base_url
        self.session: Session | None = None
        self._frames: list[float] = []

    async def serve(self) -> None:
        """Talk to the client until either side hangs up."""
        await self._wire.send({"op": 10, "d": {"heartbeat_interval": HEARTBEAT_MS, "_trace": []}, "s": None, "t": None})
        async with asyncio.TaskGroup() as tasks:
            writer: asyncio.Task[None] | None = None
            try:
                while True:
                    frame = await self._receive()
                    if frame is None:
                        break
                    await self._handle(frame)
                    if self.session and writer is None:
                        writer = tasks.create_task(self._write(self.session))
            except CloseError as end:
                await self._wire.socket.close(code=end.code, message=end.reason.encode())
            finally:
                if self.session:
                    self.session.connected = False
                if writer:
                    writer.cancel()

    async def close(self, code: int) -> None:
        """Hang up with a close code."""
        await self._wire.socket.close(code=code)

    async def reconnect(self) -> None:
        """Ask the client to come back (opcode 7); it resumes."""
        await self._wire.send({"op": 7, "d": None, "s": None, "t": None})

    async def invalidate(self) -> None:
        """End the session (opcode 9); the client must identify anew."""
        if self.session:
            self._hub.sessions.pop(self.session.id, None)
        await self._wire.send({"op": 9, "d": False, "s": None, "t": None})

    async def _receive(self) -> Body | None:
        try:
            async with asyncio.timeout(HEARTBEAT_MS / 1000 * 2):
                frame = await self._wire.socket.receive()
        except TimeoutError as error:
            raise CloseError(SESSION_TIMED_OUT, "Session timed out.") from error
        if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return None
        self._count()
        try:
            body = json.loads(frame.data)
        except ValueError as error:
            raise CloseError(DECODE_ERROR, "Error while decoding payload.") from error
        if not isinstance(body, dict):
            raise CloseError(DECODE_ERROR, "Error while decoding payload.")
        return body

    def _count(self) -> None:
        now = asyncio.get_running_loop().time()
        self._frames = [at for at in self._frames if now - at < 60.0] + [now]
        if len(self._frames) > FRAMES_A_MINUTE:
            raise CloseError(RATE_LIMITED, "You are sending too many payloads.")

    async def _handle(self, frame: Body) -> None:
        data = frame.get("d")
        fields: Body = data if isinstance(data, dict) else {}
        match frame.get("op"):
            case 1:
                await self._wire.send({"op": 11, "d": None, "s": None, "t": None})
            case 2:
                self._identify(fields)
            case 6:
                await self._resume(fields)
            case 3 | 4 | 8 | 31 if self.session is None:
                raise CloseError(NOT_AUTHENTICATED, "Not authenticated.")
            case 3 | 4 | 31:
                return  # presence, voice and soundboard have no effect in the world
            case 8:
                self._request_members(fields)
            case _:
                raise CloseError(UNKNOWN_OPCODE, "Unknown opcode.")

    def _user(self, token: Json) -> User:
        account = self._credentials.authenticate("discord", str(token).removeprefix("Bot ")) if token else None
        user = self._hub.place.user_by_login(account.login) if account else None
        if user is None:
            raise CloseError(AUTHENTICATION_FAILED, "Authentication failed.")
        return user

    def _identify(self, fields: Body) -> None:
        if self.session is not None:
            raise CloseError(ALREADY_AUTHENTICATED, "Already authenticated.")
        user = self._user(fields.get("token"))
        intents = fields.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            raise CloseError(INVALID_INTENTS, "Invalid intent(s).")
        self.session = Session(user, Intent(intents), _shard(fields.get("shard")))
        self.session.attach()
        self._hub.add(self.session)
        ready(self._hub.place, self.session, self._base_url)
        welcome(self._hub.place, self.session)

    async def _resume(self, fields: Body) -> None:
        if self.session is not None:
            raise CloseError(ALREADY_AUTHENTICATED, "Already authenticated.")
        user = self._user(fields.get("token"))
        session = self._hub.sessions.get(str(fields.get("session_id")))
        after = fields.get("seq")
        if session is None or session.user is not user or session.connected or not isinstance(after, int):
            await self._wire.send({"op": 9, "d": False, "s": None, "t": None})
            return
        session.attach()
        if not session.replay(after):
            session.connected = False
            await self._wire.send({"op": 9, "d": False, "s": None, "t": None})
            return
        self.session = session
        session.dispatch("RESUMED", {"_trace": []})

    def _request_members(self, fields: Body) -> None:
        if self.session:
            members_chunk(self._hub.place, self.session, fields)

    async def _write(self, session: Session) -> None:
        """Write what the session queues. A task of its own, so that a client that does not read holds up nobody."""
        while not self._wire.socket.closed:
            while session.outgoing:
                try:
                    await self._wire.send(session.outgoing.popleft())
                except ConnectionError:
                    return  # the session keeps its events for a RESUME
            session.arrived.clear()
            await session.arrived.wait()


def _shard(value: Json) -> tuple[int, int]:
    if value is None:
        return 0, 1
    if isinstance(value, list) and len(value) == 2:
        index, count = value
        if isinstance(index, int) and isinstance(count, int) and 0 <= index < count:
            return index, count
    raise CloseError(INVALID_SHARD, "Invalid shard.")


async def open_connection(
    request: web.Request, hub: Hub, credentials: Credentials, base_url: str
) -> tuple[web.WebSocketResponse, Connection]:
    """Accept a websocket as a gateway connection, to be served."""
    socket = web.WebSocketResponse(max_msg_size=2**20, compress=False)
    await socket.prepare(request)
    wire = Wire(socket, compress=request.query.get("compress") == "zlib-stream")
    return socket, Connection(hub, credentials, wire, base_url)
