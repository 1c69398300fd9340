"""Reaching a server inside a sandbox that has no network."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import aiohttp
import pytest

from practicum.api.sandbox import WORKSPACE, Mount, Sandbox, SandboxProcess, SandboxProvider, SandboxSpec
from practicum.sandbox.relay import relay

pytestmark = pytest.mark.sandbox

SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"end": import os; os._exit(5)
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body[::-1])
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
"""


@pytest.fixture
def meeting(tmp_path: Path) -> Path:
    folder = tmp_path / "meeting"
    folder.mkdir()
    return folder


async def serve(provider: SandboxProvider, meeting: Path) -> tuple[Sandbox, SandboxProcess]:
    sandbox = await provider.open(SandboxSpec(mounts=(Mount(meeting, "/run/relay", writable=True),), cwd=WORKSPACE))
    process = await sandbox.start(relay("/run/relay/app.sock", 8080, ["python", "-c", SERVER]))
    return sandbox, process


async def answer(session: aiohttp.ClientSession, body: bytes) -> bytes:
    async with asyncio.timeout(40):
        while True:
            try:
                async with session.post("http://app/", data=io.BytesIO(body)) as response:
                    return await response.read()
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


async def test_a_server_inside_answers_through_the_socket(provider: SandboxProvider, meeting: Path) -> None:
    sandbox, process = await serve(provider, meeting)
    try:
        connector = aiohttp.UnixConnector(str(meeting / "app.sock"))
        async with aiohttp.ClientSession(connector=connector) as session:
            assert await answer(session, b"abc") == b"cba"
            large = bytes(range(256)) * 8000
            together = await asyncio.gather(*(answer(session, large) for _ in range(8)))
            assert together == [large[::-1]] * 8
            with pytest.raises(aiohttp.ClientError):
                await session.post("http://app/", data=b"end")
        async with asyncio.timeout(30):
            assert await process.wait() == 5
    finally:
        await sandbox.close()
