"""The one writer of a trajectory file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from practicum.errors import InfrastructureError
from practicum.ids import LEASE_TOKEN, LEASE_TOKEN_PREFIX
from practicum.trajectory.blobs import BlobStore, extract
from practicum.trajectory.chain import encode_line, genesis, link

_MARK = LEASE_TOKEN_PREFIX.encode()


class TrajectoryWriter:
    """Appends events to `trajectory.jsonl`: lease tokens out, long values into blobs, chained, durable in groups."""

    def __init__(self, directory: Path, run: str) -> None:
        """Make `directory` and open its trajectory, which must not exist yet.

        Raises:
            InfrastructureError: there is a trajectory already, or the disk refuses.
        """
        self.directory = directory
        self.blobs = BlobStore(directory / "blobs")
        self.count = 0
        self.head = genesis(run)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._file = (directory / "trajectory.jsonl").open("xb", buffering=0)
        except OSError as error:
            raise InfrastructureError(f"cannot write {directory}: {error.strerror}") from error

    def append(self, events: Sequence[bytes]) -> int:
        """Write a group of events (JSON, one object each) and return when all are on disk, with the last number.

        Raises:
            InfrastructureError: the disk is full or gone; what was written before is intact.
        """
        lines = []
        head, count = self.head, self.count
        try:
            for raw in events:
                event = LEASE_TOKEN.sub(b"[lease]", raw) if _MARK in raw else raw
                if len(event) > 4096:
                    event = extract(event, self.blobs)
                count += 1
                head = link(head, count, event)
                lines.append(encode_line(count, head, event))
            self._write(b"".join(lines))
        except OSError as error:
            raise InfrastructureError(
                f"cannot write {self.directory}: {error.strerror}", hint="free some disk space and run again"
            ) from error
        self.head, self.count = head, count
        return count

    def _write(self, content: bytes) -> None:
        start = self._file.tell()
        try:
            view = memoryview(content)
            while view:
                view = view[self._file.write(view) :]
            os.fdatasync(self._file.fileno())
        except OSError:
            # A torn group would break the chain for every reader; what was whole stays.
            self._file.truncate(start)
            raise

    def close(self) -> None:
        self._file.close()
