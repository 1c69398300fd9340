"""HTTP in, HTTP out."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from shortlink.web import Request, Response, Router

MAX_BODY = 64 * 1024
"""Bytes of a request's body that are read."""


class Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1 as soon as it is made."""

    daemon_threads = True

    def __init__(self, router: Router, port: int) -> None:
        self.router = router
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def address(self) -> str:
        """Where it is reached: `http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = -1  # one packet for head and body; two would wait for each other

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            return self._send(Response(400, {"error": "Content-Length is not a number"}), close=True)
        if int(length) > MAX_BODY:
            return self._send(Response(413, {"error": f"more than {MAX_BODY} bytes"}), close=True)
        method = "GET" if self.command == "HEAD" else self.command
        path = unquote(urlsplit(self.path).path)
        request = Request(method, path, self.rfile.read(int(length)), self._hosts())
        return self._send(self.server.router.answer(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def _hosts(self) -> frozenset[str]:
        port = self.server.server_port
        named = self.headers.get("Host", "").lower()
        return frozenset({named, f"127.0.0.1:{port}", f"localhost:{port}"} - {""})

    def _send(self, response: Response, close: bool = False) -> None:
        body = json.dumps(response.body).encode()
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: links are nobody else's business."""
