"""Reading a recorded run: the files, never the broker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json

from practicum.bus.event import Event, MalformedEventError
from practicum.errors import TrajectoryError
from practicum.trajectory.blobs import BlobStore, resolve
from practicum.trajectory.chain import decode_line


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event with its place in the trajectory."""

    seq: int
    event: Event


class Trajectory:
    """The recorded events of one run."""

    def __init__(self, directory: Path) -> None:
        """`directory` is a run's folder.

        Raises:
            TrajectoryError: it holds no trajectory.
        """
        self.directory = directory
        self.file = directory / "trajectory.jsonl"
        self.blobs = BlobStore(directory / "blobs")
        if not self.file.is_file():
            raise TrajectoryError(f"{directory} holds no trajectory")

    def __iter__(self) -> Iterator[Recorded]:
        with self.file.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if not raw.endswith(b"\n"):
                    return  # a line still being written, or torn by a crash
                yield self.decode(number, raw)

    def events(self) -> list[Recorded]:
        """All of them."""
        return list(self)

    def decode(self, number: int, raw: bytes) -> Recorded:
        """Read one line, blobs resolved.

        Raises:
            TrajectoryError: the line is not one that the observer wrote.
        """
        line = decode_line(raw.rstrip(b"\n"))
        if line is None:
            raise TrajectoryError(
                f"{self.file}:{number}: not a line of a trajectory", hint="practicum verify says more"
            )
        try:
            value = from_json(line.event)
            if b'"$blob"' in line.event:
                value = {**value, "data": resolve(value["data"], self.blobs)}
            return Recorded(line.seq, Event.model_validate(value))
        except (ValueError, MalformedEventError) as error:
            raise TrajectoryError(f"{self.file}:{number}: {error}") from error
