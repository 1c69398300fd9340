"""The world as a process of its own: boot, requests, its end."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

pytestmark = pytest.mark.sandbox

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
        value: dict[str, Any] = json.loads(await asyncio.wait_for(self.reader.readline(), 20))
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
            await process.wait()


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


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as found:
        yield found


async def deploy(session: aiohttp.ClientSession, url: str, name: str = "shortlink") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {DEPLOYER}"}
    address = f"{url}/deploy/v1/apps/{name}/deployments?version=v1&wait=true"
    async with session.post(address, data=app(), headers=headers) as answer:
        value: dict[str, Any] = await answer.json()
        assert value.get("state") == "running", value
        return value


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


async def test_it_boots_answers_and_closes(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    boot = make_boot(tmp_path / "world", deploy={}, slack={"channels": ["dev"]})
    async with launch(boot) as world:
        url = (await world.line())["url"]
        said = await world.ask("say", service="slack", channel="dev", user="carol", text="hello team")
        assert "result" in said, said
        state = (await world.ask("inspect"))["result"]
        assert "hello team" in json.dumps(state["slack"])
        assert state["deploy"] == {"apps": {}}
        assert (await world.ask("inspect", service="deploy"))["result"] == {"apps": {}}
        refused = await world.ask("inspect", service="githb")
        assert refused["error"]["kind"] == "UsageError"
        await session.get(f"{url}/deploy/v1/apps", headers={"Authorization": f"Bearer {DEPLOYER}"})
        entry = (await world.ask("ledger"))["result"]["entries"][-1]
        assert (entry["service"], entry["method"], entry["login"], entry["status"]) == ("deploy", "GET", "devops", 200)
        events = (tmp_path / "world" / "events.jsonl").read_text().splitlines()
        assert json.loads(events[-1])["data"]["change"] == "slack.message.posted"
        assert json.loads(events[-1])["source"] == "world-slack"
        assert (await world.ask("close"))["result"] == {}
        assert await world.ended(5) == 0


async def test_only_the_admin_key_opens_inspection(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with launch(make_boot(tmp_path / "world", deploy={})) as world:
        url = (await world.line())["url"]
        for token, status in (("", 401), (DEPLOYER, 401), (ADMIN, 200)):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            for what in ("deploy", "ledger"):
                async with session.get(f"{url}/inspect/{what}", headers=headers) as answer:
                    assert answer.status == status
        assert ADMIN not in (tmp_path / "world" / "ledger.jsonl").read_text()


async def test_the_end_of_the_launcher_ends_it_and_its_applications(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    async with launch(make_boot(tmp_path / "world", deploy={})) as world:
        await deploy(session, (await world.line())["url"])
        below = descendants(world.process.pid)
        assert below
        world.writer.close()
        assert await world.ended(5) == 0
        assert await gone(below, 1) == set()


async def test_killed_it_leaves_nothing_behind(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with launch(make_boot(tmp_path / "world", deploy={})) as world:
        await deploy(session, (await world.line())["url"])
        below = descendants(world.process.pid)
        assert below
        world.process.send_signal(signal.SIGKILL)
        await world.ended(5)
        assert await gone(below, 5) == set()


async def test_a_boot_that_makes_no_sense_is_answered_with_the_reason(tmp_path: Path) -> None:
    seed = secrets.token_urlsafe(24)
    boot = make_boot(tmp_path / "world", deploy={})
    boot["bus"] = {"url": 7, "identities": {"world-deploy": {"jwt": "x", "seed": seed, "extra": seed}}}
    async with launch(boot) as world:
        answer = await world.line()
        assert answer["error"]["kind"] == "UsageError"
        assert "bus.url" in answer["error"]["message"]
        assert seed not in json.dumps(answer)
        assert await world.ended(5) == 1
        assert world.process.stderr is not None
        assert seed.encode() not in await world.process.stderr.read()


async def test_an_unknown_service_or_seed_is_named(tmp_path: Path) -> None:
    for services, words in (({"githb": {}}, "unknown service 'githb'"), ({"deploy": {"x": 1}}, "unknown key")):
        async with launch(make_boot(tmp_path / words[:3], **services)) as world:
            answer = await world.line()
            assert words in answer["error"]["message"]
            assert await world.ended(5) == 1


async def test_a_background_failure_ends_it_loudly(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """What cannot be recorded must not go on: here the disk of the stand-alone journal is full."""
    directory = tmp_path / "world"
    directory.mkdir()
    (directory / "events.jsonl").symlink_to("/dev/full")
    async with launch(make_boot(directory, deploy={})) as world:
        url = (await world.line())["url"]
        headers = {"Authorization": f"Bearer {DEPLOYER}"}
        async with session.post(
            f"{url}/deploy/v1/apps/a/deployments?version=v1", data=app(), headers=headers
        ) as answer:
            assert answer.status == 500
        told = await world.line()
        assert "No space left" in told["error"]["message"]
        assert await world.ended(5) == 1
        assert world.process.stderr is not None
        assert b"world: died" in await world.process.stderr.read()


def test_without_a_descriptor_it_says_how_it_is_used() -> None:
    command = [sys.executable, "-m", "practicum.world.process"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "--fd" in done.stderr
