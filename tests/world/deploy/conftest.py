"""A deploy target on a real listener, with the real sandbox, and small applications to deploy."""

from __future__ import annotations

import asyncio
import hashlib
import io
import tarfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Data, JobFinished, Json, WorldChanged
from practicum.clock import WallClock
from practicum.sandbox.detect import pick
from practicum.world.server import World, WorldSettings
from practicum.world.service import Credential

SERVER = """\
import http.server, json, os, socket, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            print("dying now", flush=True)
            os._exit(7)
        if self.path == "/net":
            try:
                socket.create_connection(("127.0.0.1", HOSTPORT), 2).close()
                text = "reached"
            except OSError as error:
                text = "refused"
            return self.answer(200, {"net": text})
        if self.path == "/secret":
            return self.answer(200, {"headers": dict(self.headers), "environ": dict(os.environ)})
        if self.path == "/write":
            open("/data/kept", "a").write("x")
            try:
                open("/app/server.py", "a")
                code = "changed"
            except OSError:
                code = "read-only"
            return self.answer(200, {"data": open("/data/kept").read(), "code": code})
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "https://example.com/long")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/health":
            self.answer(HEALTH, {"version": os.environ["VERSION"]})
            AFTERWARDS
            return
        self.answer(404, {"path": self.path})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201, {"got": body.decode()})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

print("listening", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def make_app(health: int = 200, host_port: int = 1, afterwards: str = "pass", **files: str) -> bytes:
    """A tar of a small server; `health` is the status of its health check, `afterwards` what it does then."""
    server = SERVER.replace("HEALTH", str(health)).replace("HOSTPORT", str(host_port)).replace("AFTERWARDS", afterwards)
    contents: Mapping[str, str] = {
        "Procfile": "web: python3 server.py\n",
        "server.py": server,
        **files,
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, text in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


@dataclass
class Site:
    """The deploy target as its clients see it."""

    world: World
    session: aiohttp.ClientSession
    events: list[Data] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(
        self, method: str, path: str, *, token: str = "devops", body: bytes | None = None
    ) -> tuple[int, dict[str, Json]]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.world.url}/deploy/v1{path}"
        async with self.session.request(method, url, data=body, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.json()

    async def deploy(self, archive: bytes, version: str = "v1.0.0", query: str = "") -> dict[str, Json]:
        """Deploy and wait for the outcome."""
        path = f"/apps/shortlink/deployments?version={version}&wait=true{query}"
        status, value = await self.call("POST", path, body=archive)
        assert status == 201, value
        return value

    async def get(self, path: str) -> tuple[int, dict[str, Json]]:
        """Ask the running application."""
        return await self.call("GET", f"/apps/shortlink/http{path}")

    def changes(self) -> list[str]:
        return [event.change for event in self.events if isinstance(event, WorldChanged)]

    def finished(self) -> list[JobFinished]:
        return [event for event in self.events if isinstance(event, JobFinished)]

    async def until(self, change: str, count: int = 1) -> None:
        """Wait for a `world.changed`."""
        while self.changes().count(change) < count:
            self.came.clear()
            await self.came.wait()


def account(token: str, permissions: dict[str, str] | None = None, repos: tuple[str, ...] | None = None) -> Credential:
    return Credential(
        service="deploy",
        token_sha256=hashlib.sha256(token.encode()).hexdigest(),
        login=token,
        name=token,
        email=f"{token}@team.invalid",
        permissions=permissions,
        repos=repos,
    )


async def isolating() -> SandboxProvider:
    """The sandbox that would be picked; what these tests run is hostile, so without isolation they fail instead."""
    provider = await pick()
    missing = (await provider.detect()).missing(("fs", "net", "pid"))
    if missing:
        pytest.fail(f"the {provider.name} sandbox does not isolate: {', '.join(missing)}")
    return provider


@pytest.fixture
def build() -> object:
    """`make_app`, which a test cannot import from here."""
    return make_app


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async def emit(service: str, data: Data, *, cause: str | None = None) -> str:
        assert service == "deploy"
        events.append(data)
        came.set()
        return f"event-{len(events)}"

    events: list[Data] = []
    came = asyncio.Event()
    settings = WorldSettings(
        run="test",
        directory=tmp_path / "world",
        services={"deploy": {}},
        credentials=(
            account("devops"),
            account("qa", {"read": "read", "probe": "read"}),
            account("other", repos=("x",)),
        ),
        sandboxes=await isolating(),
        emit=emit,
        clock=WallClock(),
    )
    async with World.open(settings) as world, aiohttp.ClientSession() as session:
        yield Site(world, session, events, came)
