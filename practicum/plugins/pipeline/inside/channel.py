"""How a program inside reports: lines on what was standard output, each sealed with a key that comes on standard input.

Standard output is taken away from everything else before any of the plugin's code runs, so what that prints is only
ever a log. A line reads `HMAC-SHA256 JSON`; the seal covers the line's number too (RFC 2104).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
from typing import Any


class Channel:
    """The way out. Make it first of all."""

    def __init__(self) -> None:
        request = json.loads(sys.stdin.buffer.read())
        self._key = bytes.fromhex(request.pop("key"))
        self._lines = 0
        self._out = os.dup(1)
        os.dup2(2, 1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        self.request: dict[str, Any] = request

    def say(self, kind: str, **data: Any) -> None:
        """One line."""
        text = json.dumps({"kind": kind, **data}, separators=(",", ":"))
        seal = hmac.new(self._key, f"{self._lines} {text}".encode(), hashlib.sha256).hexdigest()
        self._lines += 1
        line = f"{seal} {text}\n".encode()
        while line:
            line = line[os.write(self._out, line) :]
