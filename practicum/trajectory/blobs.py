"""Large values, stored once under the SHA-256 of their content."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pydantic_core import from_json, to_json

from practicum.bus.events import Json
from practicum.errors import TamperedError, TrajectoryError

INLINE_BYTES = 4096
"""A string longer than this (in UTF-8) goes into a blob."""

_KEY = "$blob"


class BlobStore:
    """Content-addressed files: `blobs/ab/abcdef...`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, digest: str) -> Path:
        """Where the blob of a digest lies."""
        return self.directory / digest[:2] / digest

    def put(self, content: bytes) -> str:
        """Store `content` durably unless it is there; return its digest (hexadecimal SHA-256)."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f".{digest}.{os.getpid()}")
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fdatasync(file.fileno())
            partial.rename(path)
        return digest

    def get(self, digest: str) -> bytes:
        """Read a blob and check it.

        Raises:
            TrajectoryError: it is missing.
            TamperedError: its content is not what its name says.
        """
        path = self.path(digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise TrajectoryError(f"blob {digest} is missing from {self.directory}") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise TamperedError(f"blobs/{digest[:2]}/{digest}", "the content is not what was written")
        return content

    def all(self) -> list[str]:
        """The digests of every blob that is there."""
        return sorted(path.name for path in self.directory.glob("??/*") if not path.name.startswith("."))


def extract(event: bytes, store: BlobStore) -> bytes:
    """Move every long string of an event's data into blobs; return the event with references in their place."""
    if len(event) <= INLINE_BYTES:
        return event
    value = from_json(event)
    moved = _move(value["data"], store)
    if moved is value["data"]:
        return event
    return to_json({**value, "data": moved})


def _move(value: Json, store: BlobStore) -> Json:
    if isinstance(value, str):
        if len(value) > INLINE_BYTES or len(value) * 4 > INLINE_BYTES < len(value.encode()):
            content = value.encode()
            return {_KEY: store.put(content), "size": len(content)}
        return value
    if isinstance(value, dict):
        changed = {key: _move(item, store) for key, item in value.items()}
        return changed if any(changed[key] is not value[key] for key in value) else value
    if isinstance(value, list):
        items = [_move(item, store) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def resolve(value: Json, store: BlobStore) -> Json:
    """Put the blobs' content back where references stand."""
    if isinstance(value, dict):
        digest = value.get(_KEY)
        if isinstance(digest, str) and len(value) == 2:
            return store.get(digest).decode()
        return {key: resolve(item, store) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, store) for item in value]
    return value


def references(value: Json) -> list[str]:
    """The digests that an event's data refers to."""
    if isinstance(value, dict):
        digest = value.get(_KEY)
        if isinstance(digest, str) and len(value) == 2:
            return [digest]
        return [found for item in value.values() for found in references(item)]
    if isinstance(value, list):
        return [found for item in value for found in references(item)]
    return []
