"""Finding any changed, missing, added or reordered line and blob of a recorded run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from practicum.errors import TamperedError, TrajectoryError
from practicum.trajectory.blobs import BlobStore, references
from practicum.trajectory.chain import decode_line, genesis, link


class Seal(BaseModel):
    """`seal.json`: how long a finished trajectory is and where its chain ends, signed by the proctor."""

    run: str
    events: int
    head: str
    signature: str = ""
    """Base64 Ed25519 over `practicum-seal:{run}:{events}:{head}`; empty where there was no proctor."""
    public_key: str = ""

    def message(self) -> bytes:
        """What the signature is over."""
        return f"practicum-seal:{self.run}:{self.events}:{self.head}".encode()


@dataclass(frozen=True, slots=True)
class Verified:
    """A trajectory that is what was written."""

    events: int
    blobs: int
    head: str
    seal: Seal | None
    torn: bool
    """The last line was cut off by a crash; only possible without a seal."""


def verify(directory: Path, run: str) -> Verified:
    """Check chain, blobs and seal of a run's folder. The seal's signature is the caller's to check.

    Raises:
        TrajectoryError: there is no trajectory.
        TamperedError: naming the first line or blob that is not what was written.
    """
    path = directory / "trajectory.jsonl"
    if not path.is_file():
        raise TrajectoryError(f"{directory} holds no trajectory")
    store = BlobStore(directory / "blobs")
    head, count, torn, wanted = genesis(run), 0, False, set[str]()
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            place = f"trajectory.jsonl:{number}"
            if not raw.endswith(b"\n"):
                torn = True
                break
            line = decode_line(raw[:-1])
            if line is None:
                raise TamperedError(place, "not a line that the observer writes")
            if line.seq != number:
                raise TamperedError(place, f"event {number} is missing or moved; here stands {line.seq}")
            head = link(head, number, line.event)
            if head != line.chain:
                raise TamperedError(place, "the line or one before it was changed")
            if b'"$blob"' in line.event:
                for digest in references(from_json(line.event)["data"]):
                    if digest not in wanted:
                        _check_blob(store, digest, place)
                        wanted.add(digest)
            count = number
    added = [digest for digest in store.all() if digest not in wanted]
    seal = _read_seal(directory / "seal.json")
    if seal is not None:
        _check_seal(seal, run, count, head.decode(), torn)
        if added:
            raise TamperedError(f"blobs/{added[0][:2]}/{added[0]}", "no event refers to this blob: it was added")
    return Verified(count, len(wanted), head.decode(), seal, torn)


def _check_blob(store: BlobStore, digest: str, place: str) -> None:
    try:
        store.get(digest)
    except TamperedError:
        raise
    except TrajectoryError as error:
        raise TamperedError(f"blobs/{digest[:2]}/{digest}", f"missing, but {place} refers to it") from error


def _read_seal(path: Path) -> Seal | None:
    if not path.exists():
        return None
    try:
        return Seal.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise TamperedError("seal.json", "not a seal") from error


def _check_seal(seal: Seal, run: str, count: int, head: str, torn: bool) -> None:
    if torn or seal.events != count:
        place = f"trajectory.jsonl:{min(count, seal.events) + 1}"
        what = "missing" if count < seal.events or torn else "added"
        raise TamperedError(place, f"the run was sealed with {seal.events} events, here are {count}: lines are {what}")
    if seal.head != head or seal.run != run:
        raise TamperedError("seal.json", "the seal is of another trajectory")
