"""Frames as they travel: JSON text, or zlib-stream where the client asked for it."""

from __future__ import annotations

import json
import zlib

from aiohttp import web

from practicum.bus.events import Json


class Wire:
    """Writes payloads to one websocket.

    With `compress=zlib-stream` all frames of a connection are one deflate stream, each flushed so that it ends in
    00 00 FF FF (discord.com/developers/docs/events/gateway#transport-compression).
    """

    def __init__(self, socket: web.WebSocketResponse, *, compress: bool) -> None:
        self.socket = socket
        self._deflate = zlib.compressobj() if compress else None

    async def send(self, payload: dict[str, Json]) -> None:
        """Send one payload.

        Raises:
            ConnectionError: when the other side is gone.
        """
        text = json.dumps(payload, separators=(",", ":"))
        if self._deflate is None:
            await self.socket.send_str(text)
        else:
            frame = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            await self.socket.send_bytes(frame)
