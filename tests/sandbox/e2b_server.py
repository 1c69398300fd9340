"""A server of E2B's protocol on this machine, for the true SDK: control plane and envd on one port.

It is built on the server stubs that the SDK itself generates from E2B's protocol. Each sandbox is a folder, shown to
its commands as their root by bubblewrap, so that absolute paths mean what they mean there. It is no isolation.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from e2b.envd.process import process_pb
from e2b.envd.process.process_connect import Process, ProcessASGIApplication
from protobuf import Oneof

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass
class Box:
    """One sandbox."""

    number: str
    asked: dict[str, Any]
    root: Path

    def place(self, path: str) -> Path:
        return self.root / path.lstrip("/") if path.startswith("/") else self.root / "home/user" / path


@dataclass
class E2BServer:
    """What the server has and saw."""

    key: str
    boxes: dict[str, Box] = field(default_factory=dict)
    made: list[dict[str, Any]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    lives: list[int] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"].startswith("/process."):
            await ProcessASGIApplication(_Processes(self))(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, answer = await self.answer(scope, body)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode() if answer is not None else b""
        kind = b"application/octet-stream" if isinstance(answer, bytes) else b"application/json"
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": content})

    async def answer(self, scope: Scope, body: bytes) -> tuple[int, Any]:
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        method, path = scope["method"], scope["path"]
        if path == "/files":
            return self.files(method, headers, parse_qs(scope["query_string"].decode()), body)
        if path == "/health":
            return 204, None
        if headers.get("x-api-key") != self.key:
            return 401, {"code": 401, "message": f"unknown key {headers.get('x-api-key')}"}
        if method == "POST" and path in ("/sandboxes", "/v2/sandboxes"):
            return 201, self.make(json.loads(body))
        number = path.split("/")[2]
        if number not in self.boxes:
            return 404, {"code": 404, "message": "not found"}
        if method == "DELETE":
            shutil.rmtree(self.boxes.pop(number).root)
            self.ended.append(number)
        elif path.endswith("/timeout"):
            self.lives.append(json.loads(body)["timeout"])
        return 204, None

    def make(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.made.append(asked)
        number = f"box{len(self.made)}"
        root = Path(tempfile.mkdtemp(prefix="practicum-e2b-"))
        for place in ("home/user", "tmp", "agent", "step", "etc"):
            (root / place).mkdir(parents=True)
        (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/bash\n")
        self.boxes[number] = Box(number, asked, root)
        return {
            "templateID": asked["templateID"],
            "sandboxID": number,
            "clientID": "here",
            "envdVersion": "0.5.0",
            "envdAccessToken": "token",
            "domain": None,
        }

    def files(self, method: str, headers: dict[str, str], query: dict[str, list[str]], body: bytes) -> tuple[int, Any]:
        box = self.boxes[headers["e2b-sandbox-id"]]
        named = query.get("path", [""])[0]
        if method == "GET":
            place = box.place(named)
            if not place.is_file():
                return 404, {"code": 404, "message": f"path {named!r} does not exist"}
            return 200, place.read_bytes()
        written = []
        parsed = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {headers['content-type']}\r\n\r\n".encode() + body)
        for part in parsed.iter_parts():
            path = named or str(part.get_filename())
            place = box.place(path)
            place.parent.mkdir(parents=True, exist_ok=True)
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            place.write_bytes(content)
            self.uploads.append(path)
            written.append({"name": place.name, "path": path, "type": "file"})
        return 200, written


class _Processes(Process):
    def __init__(self, server: E2BServer) -> None:
        self._server = server

    async def start(self, request: Any, context: Any) -> AsyncIterator[Any]:
        box = self._server.boxes[context.request_headers["e2b-sandbox-id"]]
        asked = request.process
        inside = [asked.cmd, *asked.args]
        process = await asyncio.create_subprocess_exec(
            "bwrap", "--bind", str(box.root), "/", *(word for place in ("/usr", "/bin", "/lib", "/lib64")
            for word in ("--ro-bind-try", place, place)), "--proc", "/proc", "--dev", "/dev", "--unshare-net",
            "--unshare-pid", "--die-with-parent", "--chdir", asked.cwd or "/home/user", "--", *inside,
            env={"PATH": "/usr/bin:/bin", "HOME": "/home/user", **dict(asked.envs)},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        yield _event("start", process_pb.ProcessEvent.StartEvent(pid=process.pid))
        queue: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

        async def read(name: str, stream: asyncio.StreamReader) -> None:
            while chunk := await stream.read(65536):
                await queue.put((name, chunk))
            await queue.put((name, b""))

        assert process.stdout is not None
        assert process.stderr is not None
        tasks = [
            asyncio.create_task(read("stdout", process.stdout)),
            asyncio.create_task(read("stderr", process.stderr)),
        ]
        try:
            open_streams = 2
            while open_streams:
                name, chunk = await queue.get()
                if not chunk:
                    open_streams -= 1
                    continue
                yield _event("data", process_pb.ProcessEvent.DataEvent(output=Oneof(name, chunk)))
            code = await process.wait()
            status = f"exit status {code}" if code >= 0 else f"signal: {signal.Signals(-code).name}"
            yield _event("end", process_pb.ProcessEvent.EndEvent(exit_code=code, exited=code >= 0, status=status))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            for task in tasks:
                task.cancel()

    async def send_signal(self, request: Any, context: Any) -> Any:
        try:
            os.kill(request.process.selector.value, signal.SIGKILL)
        except ProcessLookupError:
            raise ConnectError(Code.NOT_FOUND, "no such process") from None
        return process_pb.SendSignalResponse()


def _event(name: str, value: Any) -> Any:
    return process_pb.StartResponse(event=process_pb.ProcessEvent(event=Oneof(name, value)))


@asynccontextmanager
async def serving(key: str) -> AsyncIterator[E2BServer]:
    """The server on a free port, in this event loop."""
    app = E2BServer(key)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off")  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    app.url = f"http://127.0.0.1:{port}"
    try:
        yield app
    finally:
        server.should_exit = True
        await task
        for box in app.boxes.values():
            shutil.rmtree(box.root)
