"""Starts the world as the launcher does, and looks at its processes."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import secrets
import socket
import sys
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

DEPLOYER, ADMIN = secrets.token_urlsafe(16), secrets.token_urlsafe(16)

SERVER = """\
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def credential(service: str, token: str, login: str, kind: str = "user") -> dict[str, object]:
    return {
        "service": service,
        "token_sha256": hashlib.sha256(token.encode()).hexdigest(),
        "login": login,
        "name": login,
        "email": f"{login}@team.invalid",
        "kind": kind,
    }


class Launched:
    """The world process and our end of its socket."""

    def __init__(self, process: asyncio.subprocess.Process, channel: socket.socket) -> None:
        self.process = process
        self._channel = channel
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter
        self.url = ""
        self._count = 0

    async def connect(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(sock=self._channel)

    async def send(self, value: object) -> None:
        self.writer.write(json.dumps(value).encode() + b"\n")
        await self.writer.drain()

    async def line(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(await asyncio.wait_for(self.reader.readline(), 40))
        return value

    async def ask(self, method: str, **params: object) -> dict[str, Any]:
        self._count += 1
        await self.send({"id": self._count, "method": method, "params": params})
        answer = await self.line()
        assert answer["id"] == self._count
        return answer

    async def ended(self, seconds: float) -> int:
        return await asyncio.wait_for(self.process.wait(), seconds)


@asynccontextmanager
async def launch(boot: object) -> AsyncIterator[Launched]:
    ours, theirs = socket.socketpair()
    with theirs:
        environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SCRATCH37") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "practicum.world.process", "--fd", str(theirs.fileno())),
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    found = Launched(process, ours)
    await found.connect()
    try:
        await found.send(boot)
        yield found
    finally:
        found.writer.close()
        if process.returncode is None:
            process.kill()
        async with asyncio.timeout(20):
            await process.communicate()  # to the end of its stderr, so that nothing of it is left open


def make_boot(directory: Path, **services: dict[str, object]) -> dict[str, object]:
    return {
        "run": "RUN1",
        "directory": str(directory),
        "services": services,
        "credentials": [
            credential("deploy", DEPLOYER, "devops"),
            credential("slack", secrets.token_urlsafe(16), "dev-1", "bot"),
            credential("world", ADMIN, "launcher", "admin"),
        ],
        "bus": None,
        "provenance": "simulated",
        "port": 0,
    }


def app() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, text in {"Procfile": "web: python3 -u server.py\n", "server.py": SERVER}.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def descendants(root: int) -> set[int]:
    """Every process below `root`, by /proc."""
    parents = dict(_parents())
    found = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found - {root}
        found |= more


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                yield int(entry.name), int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue


async def gone(pids: set[int], seconds: float) -> set[int]:
    """Wait until none of the processes is left; returns those that are."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        left = {pid for pid in pids if _alive(pid)}
        if not left or asyncio.get_running_loop().time() > deadline:
            return left
        await asyncio.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
