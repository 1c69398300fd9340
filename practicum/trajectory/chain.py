"""The form of one line of `trajectory.jsonl`, and the hash chain that runs through all of them.

A line is `{"seq":N,"chain":"HEX","event":{...}}`. `chain` is the SHA-256 of the chain value of the line before, the
number and the event's bytes as they stand in the line, so that no line can be changed, dropped, added or moved without
every later value being wrong. The first line follows a value derived from the run's id.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_LINE = re.compile(rb'^\{"seq":([0-9]+),"chain":"([0-9a-f]{64})","event":(\{.*\})\}$', re.DOTALL)


def genesis(run: str) -> bytes:
    """The chain value before the first line, as hexadecimal digits."""
    return hashlib.sha256(b"practicum-trajectory-1:" + run.encode()).hexdigest().encode()


def link(previous: bytes, seq: int, event: bytes) -> bytes:
    """The chain value of a line, as 64 hexadecimal digits."""
    return hashlib.sha256(b"%b\n%d\n%b" % (previous, seq, event)).hexdigest().encode()


def encode_line(seq: int, chain: bytes, event: bytes) -> bytes:
    """One line, with its end."""
    return b'{"seq":%d,"chain":"%b","event":%b}\n' % (seq, chain, event)


@dataclass(frozen=True, slots=True)
class Line:
    """One line, taken apart."""

    seq: int
    chain: bytes
    event: bytes


def decode_line(raw: bytes) -> Line | None:
    """Take a line (without its end) apart; None when it is not of the form that `encode_line` writes."""
    found = _LINE.match(raw)
    if found is None:
        return None
    return Line(int(found[1]), found[2], found[3])
