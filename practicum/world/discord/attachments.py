"""The bytes of attachments, and the address at which they are read without a token."""

from __future__ import annotations

import asyncio
import hmac
import shutil
from pathlib import Path

from aiohttp import web

from practicum.world.discord.community import Community


class Attachments:
    """Keeps one file for each attachment id, on disk under the world's private directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def write(self, id: str, content: bytes) -> None:
        """Store the content of an attachment."""
        await asyncio.to_thread(self._write, id, content)

    def _write(self, id: str, content: bytes) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / id).write_bytes(content)

    async def clear(self) -> None:
        """Forget everything."""
        await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)

    async def serve(self, request: web.Request, place: Community) -> web.Response:
        """An attachment of a message that still stands, for whoever has its whole address."""
        channel = place.channels.get(request.match_info["channel"])
        for message in channel.messages.values() if channel else ():
            for one in message.attachments:
                if one.id == request.match_info["id"] and hmac.compare_digest(one.key, request.query.get("hm", "")):
                    content = await asyncio.to_thread((self._directory / one.id).read_bytes)
                    return web.Response(body=content, headers={"Content-Type": one.content_type})
        return web.Response(status=404, text="This content is no longer available.")
