"""Reading a JSON body with GitHub's complaints about wrong types."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

from practicum.bus.events import Json
from practicum.world.github.errors import ApiError, invalid

LARGEST = 128 * 1024 * 1024
"""Bytes of a JSON body; a file of 100 MB, GitHub's limit, in base 64."""


async def read_all(request: web.Request, limit: int) -> bytes:
    """A request's whole body, whatever `client_max_size` the surrounding application has.

    Raises:
        ApiError: 413 beyond `limit` bytes.
    """
    parts, size = [], 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > limit:
            raise ApiError(413, "Payload too large")
        parts.append(chunk)
    return b"".join(parts)


class Body:
    """The object that a call sent."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        self.values = values

    @classmethod
    async def read(cls, request: web.Request) -> Body:
        """Parse a request's body; nothing sent is an empty object.

        Raises:
            ApiError: 400 when it is not JSON, 422 when it is a scalar. A bare list is kept under the key `""`, since
                some routes (labels of an issue) take one.
        """
        raw = await read_all(request, LARGEST)
        if not raw.strip():
            return cls({})
        try:
            value = json.loads(raw)
        except ValueError:
            raise ApiError(400, "Problems parsing JSON") from None
        if isinstance(value, list):
            return cls({"": value})
        if not isinstance(value, dict):
            raise ApiError(422, "Invalid request.\n\nBody should be a JSON object")
        return cls(value)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str) -> str | None:
        """A string; None where it is absent or null."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        raise _wrong(key, value, "string")

    def need(self, key: str, resource: str) -> str:
        """A string that must be there and not be empty."""
        value = self.text(key)
        if not value:
            raise invalid(resource, key, "missing_field")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """A boolean."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise _wrong(key, value, "boolean")
        return value

    def number(self, key: str) -> int | None:
        """An integer; None where it is absent or null."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong(key, value, "integer")
        return value

    def texts(self, key: str) -> list[str] | None:
        """A list of strings; None where it is absent or null."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list):
            raise _wrong(key, value, "array")
        out = []
        for each in value:
            if not isinstance(each, str):
                raise _wrong(key, each, "string")
            out.append(each)
        return out

    def inner(self, key: str) -> Body | None:
        """An object; None where it is absent or null."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _wrong(key, value, "object")
        return Body(value)

    def objects(self, key: str) -> list[Body]:
        """A list of objects; empty where it is absent."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise _wrong(key, value, "array")
        out = []
        for each in value:
            if not isinstance(each, dict):
                raise _wrong(key, each, "object")
            out.append(Body(each))
        return out


def _wrong(key: str, value: Json, wanted: str) -> ApiError:
    return ApiError(422, f"Invalid request.\n\nFor 'properties/{key}', {json.dumps(value)[:80]} is not a {wanted}.")
