"""The two HTTP routes of files beside the Web API: the upload address, and the download with a token."""

from __future__ import annotations

import secrets

from aiohttp import web

from practicum.world.blobs import Blobs
from practicum.world.slack.model import File, User
from practicum.world.slack.workspace import Workspace, may_see

UPLOAD_LIMIT = 64 * 2**20
"""Bytes of one file."""


class Uploads:
    """Upload addresses that wait for their file."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._tickets: dict[str, File] = {}

    def open(self, file: File, base_url: str) -> str:
        """A single-use address to which the bytes of `file` are posted."""
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = file
        return f"{base_url}/slack/files/upload/v1/{ticket}"

    def waiting(self, file: File) -> bool:
        """Whether the bytes of a file have not come yet."""
        return file in self._tickets.values()

    async def receive(self, request: web.Request) -> web.Response:
        """Take the bytes, raw or as the first file of a form; Slack answers in plain text."""
        file = self._tickets.get(request.match_info["ticket"])
        if file is None:
            return web.Response(status=404, text="not_found")
        content = await _content(request)
        if content is None or len(content) > UPLOAD_LIMIT:
            return web.Response(status=400, text="invalid_upload")
        if self._tickets.pop(request.match_info["ticket"], None) is None:
            return web.Response(status=404, text="not_found")
        file.size = len(content)
        await self._blobs.write(file.id, content)
        return web.Response(text=f"OK - {len(content)}")

    def clear(self) -> None:
        """Forget every address."""
        self._tickets.clear()


async def _content(request: web.Request) -> bytes | None:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    form = await request.post()
    for value in form.values():
        if isinstance(value, web.FileField):
            return value.file.read()
    return None


async def download(request: web.Request, space: Workspace, blobs: Blobs, user: User) -> web.Response:
    """The bytes of a file for a user; 404 when there is none that this user may see."""
    team, _, id = request.match_info["file"].partition("-")
    file = space.files.get(id)
    if team != space.id or file is None or not file.ready or not may_see(space, file, user):
        return web.Response(status=404, text="file not found")
    headers = {"Content-Disposition": "attachment"} if "/download/" in request.path else {}
    return web.Response(body=await blobs.read(id), content_type=file.mimetype, headers=headers)
