"""What the proctor's process does to itself before it touches a key."""

from __future__ import annotations

import ctypes
import os
import resource
from pathlib import Path

from practicum.errors import IsolationError

_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
"""linux/prctl.h; prctl(2)."""

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables that libraries need, and that hold no key."""


def harden() -> dict[str, str]:
    """Make the process unreadable to others, and empty its environment. Returns the environment as it was.

    - not dumpable: no core file, and /proc/PID/mem, environ and fd belong to root (prctl(2), proc(5));
    - no new privileges, no core file by limit either;
    - files are made readable by their owner only;
    - the variables are gone from `os.environ` and overwritten where the kernel keeps the initial block, so that
      /proc/PID/environ shows none, not even to root.

    Raises:
        IsolationError: the kernel refused.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    before = dict(os.environ)
    _wipe_environment()
    os.environ.update({name: before[name] for name in _KEPT if name in before})
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((_PR_SET_NO_NEW_PRIVS, 1), (_PR_SET_DUMPABLE, 0)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise IsolationError(f"prctl({option}) was refused: {os.strerror(ctypes.get_errno())}")
    return before


def _wipe_environment() -> None:
    """Unset every variable, then zero the block from execve(2) (`env_start` to `env_end`, proc_pid_stat(5))."""
    os.environ.clear()
    # The command's name stands in brackets and may hold spaces, so count behind it; env_start is the 50th field.
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)
