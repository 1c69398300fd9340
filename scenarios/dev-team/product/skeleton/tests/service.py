"""The real service on a free port, for the tests that need HTTP."""

from __future__ import annotations

import http.client
import json
import threading

from shortlink import features
from shortlink.links import Links
from shortlink.server import Server


class Answer:
    """What came back."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.location = response.headers.get("Location")
        self.type = response.headers.get("Content-Type")
        content = response.read()
        self.body = json.loads(content) if content else {}


class Service:
    """`with Service() as service: service.request("GET", "/health")`."""

    def __init__(self, links: Links | None = None) -> None:
        self.server = Server(features.router(links or Links()), 0)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.005,), daemon=True)

    def __enter__(self) -> Service:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`."""
        return f"127.0.0.1:{self.server.server_port}"

    def request(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """Send a request; `body` goes as JSON unless it is bytes."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)
        try:
            connection.request(method, path, content, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()
