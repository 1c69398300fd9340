"""The address at which attachments are read without a token."""

from __future__ import annotations

import hmac

from aiohttp import web

from practicum.world.blobs import Blobs
from practicum.world.discord.community import Community


class Attachments(Blobs):
    """Keeps one file for each attachment id."""

    async def serve(self, request: web.Request, place: Community) -> web.Response:
        """An attachment of a message that still stands, for whoever has its whole address."""
        channel = place.channels.get(request.match_info["channel"])
        for message in channel.messages.values() if channel else ():
            for one in message.attachments:
                if one.id == request.match_info["id"] and hmac.compare_digest(one.key, request.query.get("hm", "")):
                    return web.Response(body=await self.read(one.id), headers={"Content-Type": one.content_type})
        return web.Response(status=404, text="This content is no longer available.")
