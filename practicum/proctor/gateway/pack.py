"""Reads the commits of a git pack, to tell a push that only adds to a branch from one that rewrites it.

Format: git-scm.com/docs/pack-format. A push carries every commit between what the server has and the new tip, so the
way from the new tip back to the old one can be walked in the pack alone.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import deque
from collections.abc import Mapping

from practicum.errors import PracticumError

_COMMIT, _TREE, _BLOB, _TAG, _OFS_DELTA, _REF_DELTA = 1, 2, 3, 4, 6, 7
_KEPT = 1024 * 1024
"""Objects above this are no commits that anybody wrote; they are read past, not kept."""


class MalformedPackError(PracticumError):
    """Bytes that are not a pack."""


def parents_in(pack: bytes) -> dict[str, tuple[str, ...]]:
    """Commit to parents, for every commit that the pack holds whole or as a delta of another commit in it.

    Raises:
        MalformedPackError: it is no pack of version 2 or 3, or breaks off.
    """
    if len(pack) < 12 or pack[:4] != b"PACK" or int.from_bytes(pack[4:8]) not in (2, 3):
        raise MalformedPackError("the push does not carry a pack")
    by_place: dict[int, bytes] = {}
    by_name: dict[str, bytes] = {}
    waiting: list[tuple[int, str, bytes]] = []
    place = 12
    for _ in range(int.from_bytes(pack[8:12])):
        start = place
        kind, place = _header(pack, place)
        base_place, base_name = -1, ""
        if kind == _OFS_DELTA:
            distance, place = _offset(pack, place)
            base_place = start - distance
        elif kind == _REF_DELTA:
            base_name = pack[place : place + 20].hex()
            place += 20
        content, place = _inflate(pack, place, keep=kind in (_COMMIT, _OFS_DELTA, _REF_DELTA))
        if kind == _COMMIT:
            by_place[start] = content
            by_name[_name(content)] = content
        elif base_place in by_place:
            by_place[start] = made = _apply(by_place[base_place], content)
            by_name[_name(made)] = made
        elif base_name:
            waiting.append((start, base_name, content))
    for start, base_name, content in waiting:  # a base named by its hash may come later in the pack
        if base_name in by_name:
            by_place[start] = made = _apply(by_name[base_name], content)
            by_name[_name(made)] = made
    return {name: _parents(content) for name, content in by_name.items()}


def leads_back(parents: Mapping[str, tuple[str, ...]], new: str, old: str) -> bool:
    """Whether `old` is `new` or one of its ancestors, as far as the known commits show."""
    seen = {new}
    queue = deque([new])
    while queue:
        commit = queue.popleft()
        if commit == old:
            return True
        for parent in parents.get(commit, ()):
            if parent not in seen:
                seen.add(parent)
                queue.append(parent)
    return False


def _header(pack: bytes, place: int) -> tuple[int, int]:
    try:
        byte = pack[place]
        kind = byte >> 4 & 7
        while byte & 0x80:
            place += 1
            byte = pack[place]
    except IndexError as error:
        raise MalformedPackError("the pack breaks off") from error
    if kind not in (_COMMIT, _TREE, _BLOB, _TAG, _OFS_DELTA, _REF_DELTA):
        raise MalformedPackError("the pack holds an object of an unknown kind")
    return kind, place + 1


def _offset(pack: bytes, place: int) -> tuple[int, int]:
    try:
        byte = pack[place]
        value = byte & 0x7F
        while byte & 0x80:
            place += 1
            byte = pack[place]
            value = (value + 1 << 7) | (byte & 0x7F)
    except IndexError as error:
        raise MalformedPackError("the pack breaks off") from error
    return value, place + 1


def _inflate(pack: bytes, place: int, *, keep: bool) -> tuple[bytes, int]:
    """The content of the object whose compressed bytes begin at `place`, and where they end."""
    stream = zlib.decompressobj()
    kept = b""
    view = memoryview(pack)
    step = 64 * 1024
    try:
        while not stream.eof:
            piece = view[place : place + step]
            if not piece:
                raise MalformedPackError("the pack breaks off")
            rest: bytes | memoryview = piece
            while len(rest) and not stream.eof:
                out = stream.decompress(rest, step)  # bounded: a small pack may inflate to anything
                if keep and len(kept) < _KEPT:
                    kept += out
                rest = stream.unconsumed_tail
            place += len(piece) - len(stream.unused_data)
    except zlib.error as error:
        raise MalformedPackError("the pack is damaged") from error
    return kept, place


def _apply(base: bytes, delta: bytes) -> bytes:
    """A delta applied to its base (pack-format, "Deltified representation")."""
    try:
        place = 0
        for _ in range(2):  # sizes of base and result
            while delta[place] & 0x80:
                place += 1
            place += 1
        made: list[bytes] = []
        while place < len(delta):
            code = delta[place]
            place += 1
            if code & 0x80:
                numbers = []
                for bit in range(7):
                    if code & 1 << bit:
                        numbers.append(delta[place])
                        place += 1
                    else:
                        numbers.append(0)
                start = int.from_bytes(bytes(numbers[:4]), "little")
                size = int.from_bytes(bytes(numbers[4:]), "little") or 0x10000
                made.append(base[start : start + size])
            elif code:
                made.append(delta[place : place + code])
                place += code
            else:
                raise MalformedPackError("the pack holds a broken delta")
    except IndexError as error:
        raise MalformedPackError("the pack holds a broken delta") from error
    return b"".join(made)


def _name(content: bytes) -> str:
    return hashlib.sha1(b"commit %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _parents(content: bytes) -> tuple[str, ...]:
    head = content.partition(b"\n\n")[0]
    return tuple(line[7:47].decode("ascii", "replace") for line in head.split(b"\n") if line.startswith(b"parent "))
