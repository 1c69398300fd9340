"""Counting tokens, and which of them a cache would have held. A token is four characters here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CHARACTERS = 4
CACHEABLE = 1024
"""Shorter beginnings are not cached, by either vendor's larger models."""
LOOK_BACK = 20
"""How many blocks before a breakpoint Anthropic looks for what it has."""
STEP = 128
"""OpenAI counts what it read from its cache in steps of so many."""


@dataclass(frozen=True)
class Piece:
    """A part of a request, in the order in which a model reads them."""

    text: str
    breakpoint: bool = False


@dataclass(frozen=True)
class Counted:
    """Tokens of one request."""

    fresh: int
    read: int = 0
    written: int = 0


def piece(value: Any, *, breakpoint: bool = False) -> Piece:
    """A part of a request from its JSON."""
    return Piece(json.dumps(value, sort_keys=True, ensure_ascii=False), breakpoint)


def tokens(text: str) -> int:
    """How many tokens a text has; at least one for any text."""
    return -(-len(text) // CHARACTERS)


class PrefixCache:
    """Beginnings of requests that were seen before."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def anthropic(self, pieces: Sequence[Piece]) -> Counted:
        """Explicit breakpoints: what lies before the last one is read or written, the rest is fresh."""
        ends, hashes = _prefixes(pieces)
        marks = [at for at, one in enumerate(pieces) if one.breakpoint and ends[at] >= CACHEABLE]
        looked = {at for mark in marks for at in range(max(0, mark - LOOK_BACK), mark + 1)}
        read = max((ends[at] for at in looked if hashes[at] in self._seen), default=0)
        self._seen.update(hashes[mark] for mark in marks)
        covered = ends[marks[-1]] if marks else 0
        total = ends[-1] if ends else 0
        return Counted(fresh=total - covered, read=read, written=covered - read)

    def openai(self, pieces: Sequence[Piece]) -> Counted:
        """Automatic: the longest beginning that was seen, in whole steps. `fresh` is the rest."""
        ends, hashes = _prefixes(pieces)
        longest = max((end for end, seen in zip(ends, hashes, strict=True) if seen in self._seen), default=0)
        self._seen.update(hashes)
        read = longest // STEP * STEP if longest >= CACHEABLE else 0
        total = ends[-1] if ends else 0
        return Counted(fresh=total - read, read=read)


def _prefixes(pieces: Sequence[Piece]) -> tuple[list[int], list[bytes]]:
    """For each piece: how many tokens there are up to its end, and a hash of all that."""
    ends: list[int] = []
    hashes: list[bytes] = []
    total, running = 0, hashlib.sha256()
    for one in pieces:
        total += tokens(one.text)
        running.update(one.text.encode())
        running.update(b"\0")
        ends.append(total)
        hashes.append(running.digest())
    return ends, hashes
