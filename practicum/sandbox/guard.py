"""Ends the sandboxes of a process that was killed. `python guard.py MARK`, started by the process that it watches.

A sandbox's launcher dies with us (prctl(2), PR_SET_PDEATHSIG), but asks for it a moment after it was forked; and
bubblewrap's first process inside waits for its launcher before it asks in turn. Who is killed in those moments would
leave a process that nobody ends. So every launcher carries a mark in its environment, and a process of a few
megabytes waits at a pipe whose other end only we hold. When that ends, whoever carries the mark is killed, and with
it its namespace.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache

VARIABLE = "LIVES_WITH"
_IN_ORDER = b"."
_PAUSES_S = (0.0, 0.2, 1.0)
"""Between two looks: what was forked carries the mark only from its first execve on, and nobody tells of that."""


def marked() -> Mapping[str, str]:
    """The variable that binds a child to this process's life. The guard is started at the first call."""
    return {VARIABLE: _guarded_by(os.getpid())}


@cache
def _guarded_by(pid: int) -> str:
    """Start the guard of this process; a forked one gets its own."""
    mark = os.urandom(16).hex()
    waits, ours = os.pipe()
    try:
        os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", __file__, mark],
            {},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, waits, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ],
            setsid=True,  # the terminal's Ctrl-C and hang-up are for us
        )
    finally:
        os.close(waits)
    atexit.register(_dismiss, pid, ours)  # until then the other end stays open
    return mark


def _dismiss(pid: int, pipe: int) -> None:
    """Who ends in order has ended its sandboxes: there is nothing to look for. A forked child's end is not ours."""
    if os.getpid() == pid:
        with suppress(OSError):  # the guard is gone already
            os.write(pipe, _IN_ORDER)


def main() -> None:
    """Wait for the end of standard input, then end whoever carries the mark."""
    mark = f"{VARIABLE}={sys.argv[1]}".encode()
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # whatever a shell has left open: its other end must not wait for us
    if os.read(0, 1) == _IN_ORDER:
        return
    for pause in _PAUSES_S:
        time.sleep(pause)
        for pid in _carrying(mark):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue  # it ended by itself, or is somebody else's by now


def _carrying(mark: bytes) -> Iterator[int]:
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if mark in file.read().split(b"\0"):
                    yield int(name)
        except OSError:
            continue  # gone, or not ours


if __name__ == "__main__":
    main()
