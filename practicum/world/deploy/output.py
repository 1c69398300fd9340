"""The last of what an application wrote."""

from __future__ import annotations

import asyncio
import os
from collections import deque

MAX_BYTES = 64 * 1024


class OutputTail:
    """Reads a pipe for as long as somebody can write to it, and keeps the end of what came."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._read, self.write_end = os.pipe()
        self._ended = asyncio.Event()
        os.set_blocking(self._read, False)
        asyncio.get_running_loop().add_reader(self._read, self._ready)

    def started(self) -> None:
        """The process has its copy of the writing end; give up ours, so that the end can be seen."""
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def text(self) -> str:
        """The last `MAX_BYTES` of output."""
        return b"".join(self._chunks).decode(errors="replace")

    async def drained(self, seconds: float) -> None:
        """Wait until nobody writes any more, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Stop reading."""
        self.started()
        if self._read >= 0:
            asyncio.get_running_loop().remove_reader(self._read)
            os.close(self._read)
            self._read = -1
        self._ended.set()

    def _ready(self) -> None:
        try:
            chunk = os.read(self._read, 65536)
        except BlockingIOError:
            return
        if not chunk:
            self.close()
            return
        self._chunks.append(chunk)
        self._size += len(chunk)
        while self._size - len(self._chunks[0]) >= MAX_BYTES:
            self._size -= len(self._chunks.popleft())
        if self._size > MAX_BYTES:
            self._chunks[0] = self._chunks[0][self._size - MAX_BYTES :]
            self._size = MAX_BYTES
