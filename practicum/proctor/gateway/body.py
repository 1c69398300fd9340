"""Request bodies: read as little of them as the decision needs, and read it in only one way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from typing import cast
from urllib.parse import urlencode

from aiohttp import web

from practicum.bus.events import Json
from practicum.errors import PracticumError
from practicum.proctor.gateway.paths import AmbiguousPathError, query_of
from practicum.proctor.gateway.tokens import CREDENTIAL_FIELDS

SMALL = 64 * 1024
"""Bodies up to this many bytes go on whole, with their length."""
MAXIMUM_READ = 32 * 1024 * 1024
"""The most that is read for a decision: Anthropic's own limit for a request."""


class MalformedBodyError(PracticumError):
    """A body that the decision needs and that has no single plain reading."""


class Body:
    """The body of one request: a head that was read, and the rest that streams."""

    def __init__(self, request: web.BaseRequest) -> None:
        self._request = request
        self.head = b""
        self.complete = not request.can_read_body
        self.size = 0
        self.fields: dict[str, Json] = {}
        self._hash = hashlib.sha256()
        self._continued = False

    @property
    def digest(self) -> str:
        """SHA-256 of what the client sent, hexadecimal."""
        return self._hash.hexdigest()

    def text(self, name: str) -> str:
        """A string among the fields; empty where there is none."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    async def read_more(self) -> bool:
        """Read the next piece into `head`; False when there is no more."""
        if self.complete:
            return False
        await self._continue()
        chunk = await self._request.content.readany()
        if chunk:
            self._count(chunk)
            self.head += chunk
        self.complete = self._request.content.at_eof()
        return bool(chunk)

    async def read_small(self) -> None:
        """Read the body if it announces to be small, so that it goes on with its length."""
        length = self._request.content_length
        if length is not None and length <= SMALL:
            await self.read(SMALL * 16)

    async def read(self, maximum: int = MAXIMUM_READ) -> bytes:
        """Read all of it.

        Raises:
            MalformedBodyError: it is longer than `maximum` bytes.
        """
        if self.complete:
            return self.head
        await self._continue()
        pieces = [self.head]
        total = len(self.head)
        while chunk := await self._request.content.readany():
            self._count(chunk)
            pieces.append(chunk)
            total += len(chunk)
            if total > maximum:
                raise MalformedBodyError(f"the body is longer than {maximum} bytes")
        self.head = b"".join(pieces)
        self.complete = True
        return self.head

    async def stream(self) -> AsyncIterator[bytes]:
        """What was read, then the rest as it comes."""
        if self.head:
            yield self.head
        if not self.complete:
            await self._continue()
            async for chunk in self._request.content.iter_any():
                self._count(chunk)
                yield chunk
            self.complete = True

    async def read_fields(self, *, form: bool) -> None:
        """Read the body and understand its top-level fields: JSON, or with `form` also a form as Slack takes it.

        Raises:
            MalformedBodyError: neither, or with a field given twice.
        """
        raw = await self.read()
        if not raw.strip():
            return
        kind = self._request.content_type
        if form and kind == "application/x-www-form-urlencoded":
            try:
                self.fields = dict(query_of(raw.decode()))
            except (UnicodeDecodeError, AmbiguousPathError, ValueError) as error:
                raise MalformedBodyError(f"the form cannot be read: {error}") from error
        elif form and kind != "application/json":
            raise MalformedBodyError(f"bodies of type {kind} are not understood here")
        else:
            self.fields = strict_object(raw)

    def without_credentials(self) -> None:
        """Take credential fields out of a body that was understood (Slack's field `token`)."""
        if not CREDENTIAL_FIELDS.intersection(self.fields):
            return
        self.fields = {name: value for name, value in self.fields.items() if name not in CREDENTIAL_FIELDS}
        if self._request.content_type == "application/json":
            self.head = json.dumps(self.fields).encode()
        else:
            self.head = urlencode({name: str(value) for name, value in self.fields.items()}).encode()

    async def _continue(self) -> None:
        """Answer `Expect: 100-continue` (RFC 9110, section 10.1.1) when the body is first wanted."""
        if not self._continued and self._request.headers.get("Expect", "").lower() == "100-continue":
            await self._request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._request.writer.output_size = 0
        self._continued = True

    def _count(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._hash.update(chunk)


def strict_object(raw: bytes) -> dict[str, Json]:
    """A JSON object in which no name is given twice at any depth: parsers differ in which one they take.

    Raises:
        MalformedBodyError: anything else.
    """
    try:
        found = json.loads(raw, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise MalformedBodyError(f"the body is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise MalformedBodyError("the body is not a JSON object")
    return cast(dict[str, Json], found)


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found
