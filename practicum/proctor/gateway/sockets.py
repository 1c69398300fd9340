"""Websockets through the gateway: Discord's gateway and Slack's Socket Mode.

Frames are text in both protocols (Discord with `encoding=json` and without compression). Every frame of the service is
filtered; events of channels that the lease does not name are not passed on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Protocol

import aiohttp
from aiohttp import WSMsgType, web

from practicum.bus.events import Json
from practicum.proctor.gateway.body import MalformedBodyError, strict_object
from practicum.proctor.gateway.call import Call
from practicum.proctor.gateway.filter import SecretFilter
from practicum.proctor.gateway.knowledge import DiscordChannels, SlackChannels
from practicum.proctor.lease import Lease

MAXIMUM_FRAME = 16 * 1024 * 1024
HEARTBEAT_S = 30.0
IDENTIFY_TIMEOUT_S = 30.0
"""Discord closes a connection that does not identify itself in about this time."""

_IDENTIFY, _RESUME = 2, 6
POLICY_VIOLATION = 1008
AUTHENTICATION_FAILED = 4004
"""discord.com/developers/docs/topics/opcodes-and-status-codes, gateway close event codes."""


class Rules(Protocol):
    """What one protocol does with frames; each answers the frame to pass on, or None."""

    def to_service(self, frame: str) -> str | None:
        """A frame of the agent."""
        ...

    async def to_agent(self, frame: str, reply: Callable[[str], Awaitable[None]]) -> str | None:
        """A frame of the service; `reply` answers it in the agent's place."""
        ...


class DiscordRules:
    """Knows the lease only after IDENTIFY or RESUME; `identify` gives the real token for the lease's, or raises."""

    def __init__(
        self,
        identify: Callable[[str], tuple[Lease, str]],
        channels: DiscordChannels,
        links: Callable[[bytes], bytes],
    ) -> None:
        self._identify = identify
        self._channels = channels
        self._links = links
        self.lease: Lease | None = None
        self.identified = asyncio.Event()

    def to_service(self, frame: str) -> str | None:
        """Put the real token into IDENTIFY and RESUME; nothing else goes on before.

        Raises:
            CallRefusedError: the lease is not good.
            MalformedBodyError: the frame is not one plain JSON object.
        """
        payload = strict_object(frame.encode())
        data = payload.get("d")
        if payload.get("op") in (_IDENTIFY, _RESUME):
            if not isinstance(data, dict):
                raise MalformedBodyError("IDENTIFY without data")
            if self.lease is not None:
                raise MalformedBodyError("already identified")
            self.lease, real = self._identify(str(data.get("token", "")))
            data = {**data, "token": real}
            if payload["op"] == _IDENTIFY:
                data["compress"] = False
            self.identified.set()
            return json.dumps({**payload, "d": data})
        if self.lease is None and payload.get("op") != 1:
            return None  # only a heartbeat may come first
        return frame

    async def to_agent(self, frame: str, reply: Callable[[str], Awaitable[None]]) -> str | None:
        """Turn the resume address, learn channels, drop events of other channels."""
        payload = json.loads(frame)
        if not isinstance(payload, dict) or payload.get("op") != 0:
            return frame
        data = payload.get("d")
        kind = str(payload.get("t", ""))
        if kind.startswith(("GUILD_CREATE", "CHANNEL_", "THREAD_")):
            self._channels.learn(data)
        if isinstance(data, dict) and kind.startswith(("MESSAGE_", "TYPING_", "CHANNEL_PINS")):
            channel = data.get("channel_id")
            if isinstance(channel, str) and not _granted(self.lease, self._channels.known(channel)):
                return None
        return self._links(frame.encode()).decode() if kind == "READY" else frame


class SlackRules:
    """Socket Mode: envelopes of channels that the lease does not name are acknowledged here and not passed on."""

    def __init__(self, lease: Lease, channels: SlackChannels, resolve: Callable[[str], Awaitable[str]]) -> None:
        self._lease = lease
        self._channels = channels
        self._resolve = resolve

    def to_service(self, frame: str) -> str | None:
        """Acknowledgements go on as they are."""
        return frame

    async def to_agent(self, frame: str, reply: Callable[[str], Awaitable[None]]) -> str | None:
        """Events go on when the lease names their channel."""
        envelope = json.loads(frame)
        channel = _slack_channel(envelope)
        if channel and not _granted(self._lease, await self._resolve(channel)):
            identity = envelope.get("envelope_id") if isinstance(envelope, dict) else None
            if identity:
                await reply(json.dumps({"envelope_id": identity}))
            return None
        return frame


class Relay:
    """Carries frames both ways until one side closes."""

    def __init__(self, filter: SecretFilter, call: Call) -> None:
        self._filter = filter
        self._call = call

    async def run(self, agent: web.WebSocketResponse, service: aiohttp.ClientWebSocketResponse, rules: Rules) -> None:
        """Run both directions; returns when the first of them ends, with the other side closed by the same code."""

        async def up() -> None:
            async for message in agent:
                if message.type is not WSMsgType.TEXT:
                    raise MalformedBodyError("only text frames are understood here")
                self._call.body.size += len(message.data)
                if (frame := rules.to_service(message.data)) is not None:
                    await service.send_str(frame)
            await service.close(code=agent.close_code or 1000)

        async def down() -> None:
            async for message in service:
                if message.type is not WSMsgType.TEXT:
                    raise MalformedBodyError("the service sent a frame that is not text")
                frame = await rules.to_agent(message.data, service.send_str)
                if frame is not None:
                    cleaned = self._filter.clean(frame.encode()).decode()
                    self._call.response_bytes += len(cleaned)
                    await agent.send_str(cleaned)
            await agent.close(code=_closing(service.close_code))

        tasks = [asyncio.create_task(up()), asyncio.create_task(down())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _granted(lease: Lease | None, channel: str) -> bool:
    return lease is not None and ("*" in lease.grant.resources or channel in lease.grant.resources)


def _slack_channel(envelope: Json) -> str:
    """The channel that an envelope's event is about: its own, its item's or its message's."""
    payload = envelope.get("payload") if isinstance(envelope, dict) else None
    event = payload.get("event") if isinstance(payload, dict) else None
    if not isinstance(event, dict):
        return ""
    for holder in (event, event.get("item"), event.get("message")):
        if isinstance(holder, dict):
            for name in ("channel", "channel_id"):
                found = holder.get(name)
                if isinstance(found, str):
                    return found
                if isinstance(found, dict) and isinstance(found.get("name"), str):
                    return str(found["name"])
    return ""


def _closing(code: int | None) -> int:
    """A code that may be sent (RFC 6455, section 7.4): 1005, 1006 and 1015 only describe."""
    return 1000 if code in (None, 1005, 1006, 1015) else int(code or 1000)
