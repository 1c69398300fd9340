"""Limits that the kernel holds for each process (setrlimit(2)), as arguments of prlimit(1)."""

from __future__ import annotations

from practicum.api.sandbox import Limits

_RESERVE = 4 * 1024**3
"""Address space that a process may reserve without using it: V8 does not start without, so node needs it."""
_CODE = 512 * 1024**2
"""Of that, what V8 of node 24 reserves for code counts as data. Who gives a process less than `_SMALL` runs no node."""
_SMALL = 256 * 1024**2
_OWN_PROCESSES = 2


def rlimits(limits: Limits, *, whole_tree: bool, count_processes: bool = True) -> dict[str, tuple[int, int]]:
    """Name of each limit, as prlimit(1) spells it, to its soft and hard value.

    With `whole_tree`, a control group limits the memory. Processes can be counted only where the sandbox has a user
    namespace of its own; else all sandboxes of one uid would share one number.
    """
    values = {
        "cpu": (limits.cpu_s, limits.cpu_s + 1),
        "fsize": (limits.file_bytes, limits.file_bytes),
        "nofile": (limits.open_files, limits.open_files),
        "core": (0, 0),
        "memlock": (0, 0),
    }
    if count_processes:
        values["nproc"] = (limits.processes + _OWN_PROCESSES,) * 2
    if not whole_tree:
        values["data"] = (limits.memory_bytes + (_CODE if limits.memory_bytes >= _SMALL else 0),) * 2
        values["as"] = (limits.memory_bytes + _RESERVE,) * 2
    return values


def prlimit_arguments(values: dict[str, tuple[int, int]]) -> list[str]:
    return [f"--{name}={soft}:{hard}" for name, (soft, hard) in values.items()]
