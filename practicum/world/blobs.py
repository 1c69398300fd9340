"""The bytes of uploaded files, on disk under the world's private directory."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path


class Blobs:
    """Keeps one file for each id."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def write(self, id: str, content: bytes) -> None:
        """Store the content of a file."""
        await asyncio.to_thread(self._write, id, content)

    def _write(self, id: str, content: bytes) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / id).write_bytes(content)

    async def read(self, id: str) -> bytes:
        """The content of a file that was stored.

        Raises:
            FileNotFoundError: when there is none.
        """
        return await asyncio.to_thread((self._directory / id).read_bytes)

    async def remove(self, id: str) -> None:
        """Forget a file; one that is not here is fine."""
        await asyncio.to_thread((self._directory / id).unlink, missing_ok=True)

    async def clear(self) -> None:
        """Forget every file."""
        await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)
