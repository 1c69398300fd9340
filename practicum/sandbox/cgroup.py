"""Control groups: the only limits that hold for a whole tree of processes and not for each alone.

Used where we may make groups: as root with version 1, or with version 2 where its memory and pids controllers can be
handed down; a prepared, empty version 2 directory is named with PRACTICUM_CGROUP. Otherwise there are none, and
`Isolation` says `per_process`. Sources: linux `Documentation/admin-guide/cgroup-v1/`, `.../cgroup-v2.rst`.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from practicum.api.sandbox import Limits
from practicum.errors import SandboxError

ROOT = Path("/sys/fs/cgroup")
_CONTROLLERS = ("memory", "pids")
_HELPERS = 8
"""Processes that a sandbox needs for itself, besides those that its limits allow."""
_KEPT = 8
"""Idle groups that are kept for the next execution: removing one takes the kernel tens of milliseconds."""
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Where groups can be made."""

    version: Literal[1, 2]
    bases: tuple[Path, ...]
    """One directory for version 2; one for each controller for version 1."""


class Group:
    """One control group (on version 1, one for each controller)."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        self.version = hierarchy.version
        name = f"{os.getpid()}-{next(_numbers)}"
        self.paths = tuple(base / name for base in hierarchy.bases)
        self._killed_before = 0
        self._holds: tuple[int, int] | None = None
        try:
            for path in self.paths:
                path.mkdir(parents=True)
        except OSError as error:
            raise SandboxError(f"cannot make a control group: {error}") from error

    def limit(self, limits: Limits) -> None:
        """Set (anew) what all its processes together may use."""
        asked = (limits.memory_bytes, limits.processes)
        if self._holds != asked:
            self._holds = None
            self._write(limits)
            self._holds = asked
        self._killed_before = self._killed()

    def _write(self, limits: Limits) -> None:
        if self.version == 2:
            [path] = self.paths
            values = {
                path / "memory.max": limits.memory_bytes,
                path / "memory.swap.max": 0,
                path / "memory.oom.group": 0,
                path / "pids.max": limits.processes + _HELPERS,
            }
        else:
            memory, pids = self.paths
            values = {
                memory / "memory.limit_in_bytes": limits.memory_bytes,
                memory / "memory.memsw.limit_in_bytes": limits.memory_bytes,
                pids / "pids.max": limits.processes + _HELPERS,
            }
        for file, value in values.items():
            if file.exists():  # swap accounting and group kill are options of the kernel
                file.write_text(str(value))

    def out_of_memory(self) -> bool:
        """Whether the kernel killed one of its processes since `limit` for want of memory."""
        return self._killed() > self._killed_before

    def entry(self) -> list[str]:
        """The files into which a process writes its id (or 0) to come in."""
        return [str(path / "cgroup.procs") for path in self.paths]

    def kill(self) -> None:
        """Send SIGKILL to whatever is still in it."""
        for path in self.paths:
            for line in (path / "cgroup.procs").read_text().split():
                try:
                    os.kill(int(line), signal.SIGKILL)
                except ProcessLookupError:
                    continue

    def empty(self) -> bool:
        return not any((path / "cgroup.procs").read_text().strip() for path in self.paths)

    def remove(self) -> None:
        """Give it back to the kernel; one that still has a dying process is left for the next start to sweep."""
        for path in self.paths:
            try:
                path.rmdir()
            except OSError:
                self.kill()

    def _killed(self) -> int:
        file = self.paths[0] / ("memory.events" if self.version == 2 else "memory.oom_control")
        for line in file.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == "oom_kill":
                return int(value)
        return 0


class Groups:
    """Lends groups, and takes them back to lend them again."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        self._hierarchy = hierarchy
        self._idle: list[Group] = []

    def lend(self, limits: Limits) -> Group:
        """A group with these limits and nothing in it.

        Raises:
            SandboxError: the kernel refuses.
        """
        while self._idle:
            group = self._idle.pop()
            try:
                group.limit(limits)
            except OSError:
                group.remove()  # file pages of the last user that cannot be reclaimed: below them it cannot be limited
                continue
            return group
        group = Group(self._hierarchy)
        try:
            group.limit(limits)
        except OSError as error:
            group.remove()
            raise SandboxError(f"cannot limit a control group: {error}") from error
        return group

    def give_back(self, group: Group) -> None:
        if len(self._idle) < _KEPT and group.empty():
            self._idle.append(group)
        else:
            group.kill()
            group.remove()

    def close(self) -> None:
        """Remove the idle ones, and what holds them when nobody else does."""
        while self._idle:
            self._idle.pop().remove()
        if self._hierarchy.version == 1:  # version 2's was set up once, with what it hands down
            for base in self._hierarchy.bases:
                try:
                    base.rmdir()
                except OSError:
                    return  # in use by another process of ours


@cache
def hierarchy() -> Hierarchy | None:
    """Find where groups can be made, try it, and sweep what dead processes of ours left. None: nowhere."""
    for candidate in _candidates():
        try:
            for base in candidate.bases:
                base.mkdir(exist_ok=True)
            if candidate.version == 2:
                _hand_down(candidate.bases[0])
            _sweep(candidate.bases)
            trial = Group(candidate)
        except (OSError, SandboxError):
            continue
        try:
            trial.limit(Limits())
        except OSError:
            continue
        finally:
            trial.remove()
        return candidate
    return None


def _candidates() -> Iterable[Hierarchy]:
    if prepared := os.environ.get("PRACTICUM_CGROUP"):
        yield Hierarchy(2, (Path(prepared),))
    ours = _own_groups()
    # Below our own group, so that whoever limits us limits what we start.
    if (ROOT / "cgroup.controllers").exists():
        yield Hierarchy(2, (ROOT / ours.get("", "").lstrip("/") / "practicum",))
    elif all((ROOT / name / "cgroup.procs").exists() for name in _CONTROLLERS):
        bases = []
        for name in _CONTROLLERS:
            own = ROOT / name / ours.get(name, "").lstrip("/")
            bases.append((own if own.is_dir() else ROOT / name) / "practicum")
        yield Hierarchy(1, tuple(bases))


def _own_groups() -> dict[str, str]:
    """Controller to our own group's path; the empty name is version 2's (proc(5), /proc/pid/cgroup)."""
    found: dict[str, str] = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for name in controllers.split(","):
            found[name] = path
    return found


def _hand_down(base: Path) -> None:
    """Let groups in `base` be limited; refused by the kernel where the parent holds processes itself."""
    wanted = " ".join(f"+{name}" for name in _CONTROLLERS)
    available = (base / "cgroup.controllers").read_text().split()
    if not set(_CONTROLLERS) <= set(available):
        (base.parent / "cgroup.subtree_control").write_text(wanted)
    (base / "cgroup.subtree_control").write_text(wanted)


def _sweep(bases: Iterable[Path]) -> None:
    for base in bases:
        for left in base.iterdir():
            owner = left.name.partition("-")[0]
            if left.is_dir() and owner.isdigit() and not Path(f"/proc/{owner}").exists():
                try:
                    left.rmdir()
                except OSError:
                    continue  # somebody else's, of another pid namespace, and still in use
