"""Identifiers: sortable ones for events, short ones for runs, opaque ones for leases."""

from __future__ import annotations

import os
import re
import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""

LEASE_TOKEN_PREFIX = "pracl_"  # noqa: S105 - the fixed form of a token, not a token
LEASE_TOKEN = re.compile(rb"pracl_[A-Za-z0-9_-]{43}")
"""The one form of every lease token; the observer keeps whatever matches out of the trajectory."""

_last_millisecond = 0
_counter = 0


_POOL_SIZE = 4096
_pool = b""
_pool_at = 0


def _random_bytes(count: int) -> bytes:
    """From the system's generator, fetched many at a time: one system call an id was a fifth of an agent's turn."""
    global _pool, _pool_at
    if _pool_at + count > len(_pool):
        _pool, _pool_at = os.urandom(_POOL_SIZE), 0
    _pool_at += count
    return _pool[_pool_at - count : _pool_at]


def _forget_pool() -> None:
    global _pool
    _pool = b""


os.register_at_fork(after_in_child=_forget_pool)  # parent and child must not draw the same bytes


def new_event_id() -> str:
    """A UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then a counter, then random bits.

    Ids made by one process sort in the order in which they were made.
    """
    global _last_millisecond, _counter
    now = time.time_ns() // 1_000_000
    if now <= _last_millisecond:
        _counter += 1
        if _counter > 0xFFF:
            _last_millisecond += 1
            _counter = 0
    else:
        _last_millisecond = now
        _counter = 0
    high = (_last_millisecond << 16) | 0x7000 | _counter
    low = (int.from_bytes(_random_bytes(8)) & 0x3FFFFFFFFFFFFFFF) | 0x8000000000000000
    text = f"{high:016x}{low:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_run_id() -> str:
    """A run's name: 10 characters of time (milliseconds, sortable) and 4 at random, base 32.

    Without dots or spaces, so that it is one token of a subject and a plain folder name.
    """
    value = (int(time.time() * 1000) << 20) | secrets.randbits(20)
    out = []
    for _ in range(14):
        out.append(_ALPHABET[value & 31])
        value >>= 5
    return "".join(reversed(out))


def new_lease_token() -> str:
    """An opaque lease token of the form `LEASE_TOKEN`, with 256 random bits."""
    return LEASE_TOKEN_PREFIX + secrets.token_urlsafe(32)


def new_lease_id() -> str:
    """The public name of a lease; events carry this one only."""
    return "lease-" + secrets.token_hex(6)
