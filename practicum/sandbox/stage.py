"""A mount namespace in which an unprivileged uid reaches host paths that it could not walk to.

A sandbox of ours runs as an unprivileged uid, in a user namespace which that uid made: so nothing inside is root, and
nothing that sets it up is either. But such a uid cannot walk through `/root` (mode 0700), where the interpreter or a
workspace may well lie. So, when we are root, a thread takes a mount namespace of its own, binds each path to a plain
numbered place there, and leaves; the namespace lives on in a descriptor, costs nothing, and is entered with nsenter.
The host itself sees no mount. See mount_namespaces(7), "Per-process"; unshare(2) acts on one thread.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from practicum.errors import SandboxError

_CLONE_NEWNS = 0x0002_0000
_MS_NOSUID, _MS_NODEV = 0x2, 0x4
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x4_0000

_PLACES = (Path("/mnt"), Path("/media"), Path("/srv"))
"""Directories of which one exists on every machine (Filesystem Hierarchy Standard 3.0), and no program needs."""


class Stage:
    """A mount namespace, kept open by one descriptor. `path(n)` is where the n-th source stands in it."""

    def __init__(self, descriptor: int, place: Path) -> None:
        self._descriptor: int | None = descriptor
        self._place = place

    @property
    def namespace(self) -> str:
        """A path that nsenter(1) can open; it names us: an inherited descriptor would leak inside."""
        if self._descriptor is None:
            raise SandboxError("the sandbox is closed")
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    def path(self, number: int) -> str:
        return f"{self._place}/{number}"

    def close(self) -> None:
        """Let go of the namespace; it ends with the last process in it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def set_stage(sources: Sequence[str]) -> Stage:
    """Make a stage that holds each of `sources`, directories or files. We must be root. Blocks for about 2 ms.

    Raises:
        SandboxError: a source does not exist, or the kernel does not let us mount.
    """
    outcome: list[Stage | OSError] = []

    def work() -> None:
        try:
            outcome.append(_set_stage(sources))
        except OSError as error:
            outcome.append(error)

    # A thread for this alone: it cannot go back to the host's namespace, so it must never run anything else.
    thread = threading.Thread(target=work, name="practicum-stage", daemon=True)
    thread.start()
    thread.join()
    [made] = outcome
    if isinstance(made, OSError):
        raise SandboxError(f"cannot lay out the sandbox's files: {made.strerror}: {made.filename}") from made
    return made


def _set_stage(sources: Sequence[str]) -> Stage:
    libc = ctypes.CDLL(None, use_errno=True)

    def check(result: int, what: str) -> None:
        if result != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), what)

    def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
        encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
        check(libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]), target)

    place = next((place for place in _PLACES if place.is_dir()), None)
    if place is None:
        raise OSError(2, "no such directory", str(_PLACES[0]))
    descriptors: list[int] = []
    try:
        check(libc.unshare(_CLONE_NEWNS), "unshare")
        mount(None, "/", None, _MS_REC | _MS_PRIVATE)
        # Opened before the place is covered, so that a source may lie below it.
        descriptors.extend(os.open(source, os.O_PATH | os.O_CLOEXEC) for source in sources)
        mount("tmpfs", str(place), "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=0755,size=1m")
        for number, descriptor in enumerate(descriptors):
            target = place / str(number)
            source = Path(f"/proc/thread-self/fd/{descriptor}")
            if source.is_dir():
                target.mkdir()
            else:
                target.touch()
            mount(str(source), str(target), None, _MS_BIND | _MS_REC)
        return Stage(os.open("/proc/thread-self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC), place)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
