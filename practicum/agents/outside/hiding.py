"""Keeping an agent's own credentials from its program, and out of what its program says."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable, Iterable

from practicum.errors import IsolationError

_PR_SET_DUMPABLE = 4
"""linux/prctl.h; prctl(2)."""

_LEASE = re.compile(r"pracl_[A-Za-z0-9_-]{10,}")


def keep_to_ourselves() -> None:
    """Make this process unreadable for others of its uid: its memory, its open files (prctl(2), proc(5)).

    A program that we start has our uid and our leases, but not our identity on the bus: what the record says of the
    agent is our word, not its.

    Raises:
        IsolationError: the kernel refused.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise IsolationError(f"prctl(PR_SET_DUMPABLE) was refused: {os.strerror(ctypes.get_errno())}")


def hiding(secrets: Iterable[str]) -> Callable[[str], str]:
    """What replaces these, and every lease, in a text."""
    known = sorted({re.escape(secret) for secret in secrets if len(secret) >= 8}, key=len, reverse=True)
    pattern = re.compile("|".join([*known, _LEASE.pattern]))
    return lambda text: pattern.sub("[hidden]", text)
