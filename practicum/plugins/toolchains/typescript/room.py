"""Sandboxes in which TypeScript plugins are built, checked and run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from practicum.api.sandbox import MIB, ExecResult, Limits, Mount
from practicum.plugins.pipeline.room import PROGRAMS, Rooms

MODULES = "/node_modules"
"""At the root, where node's search for a package ends from wherever it begins."""
PACKAGE = "/opt/plugin/package"
"""Where the built plugin lies when its components are called."""
_NODE = "/opt/plugin/node"
_INSIDE = Path(__file__).parent / "inside"

LIMITS = Limits(
    wall_s=60.0,
    cpu_s=60,
    memory_bytes=1536 * MIB,
    processes=128,
    open_files=1024,
    file_bytes=32 * MIB,
    tmp_bytes=64 * MIB,
    output_bytes=16 * MIB,
)
"""More memory and threads than Python gets: node takes a dozen threads to start, and the compiler half a gigabyte."""


@dataclass(frozen=True, slots=True)
class NodeRooms:
    """Runs node over the installed packages, without network and without our environment."""

    rooms: Rooms
    node: Path
    modules: Path
    limits: Limits = LIMITS

    async def run(self, words: Sequence[str], *mounts: Mount, cwd: str = "/tmp") -> ExecResult:
        """One execution of a program of the installed packages: its path below `node_modules`, then its arguments."""
        argv = [_NODE, f"{MODULES}/{words[0]}", *words[1:]]
        async with self.rooms.open(*self._mounts(), *mounts, limits=self.limits) as sandbox:
            return await sandbox.run(argv, cwd=cwd)

    async def report(self, name: str, stdin: bytes, *mounts: Mount) -> ExecResult:
        """One execution of a program of `inside/`, which reports on descriptor 3: our standard output. What anything
        prints goes to standard errors.
        """
        argv = ["/bin/sh", "-c", 'exec "$@" 3>&1 1>&2', "sh", _NODE, f"{PROGRAMS}/{name}"]
        async with self.rooms.open(*self._mounts(), Mount(_INSIDE, PROGRAMS), *mounts, limits=self.limits) as sandbox:
            return await sandbox.run(argv, stdin=stdin, cwd="/tmp")

    def _mounts(self) -> tuple[Mount, ...]:
        return Mount(self.node, _NODE), Mount(self.modules, MODULES)
