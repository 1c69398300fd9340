"""What is visible inside a sandbox: the same for every tier that can arrange it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from practicum.api.sandbox import Mount, SandboxSpec
from practicum.errors import SandboxError
from practicum.sandbox.interpreter import interpreter

UID_INSIDE = 1000
"""What the one user inside is called, whatever uid that is on the host."""

HOME = "/tmp/home"

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = (
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
)
_FILES = {
    "/etc/passwd": f"sandbox:x:{UID_INSIDE}:{UID_INSIDE}:sandbox:{HOME}:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
    "/etc/group": f"sandbox:x:{UID_INSIDE}:\nnogroup:x:65534:\n",
    # Without these two, programs that listen on "localhost" fail with EAI_AGAIN.
    "/etc/hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    # Read-only mounts belong to somebody else; nobody else is here to plant a repository.
    "/etc/gitconfig": "[safe]\n\tdirectory = *\n",
}


@dataclass(frozen=True, slots=True)
class Bind:
    """A path of the host that is visible inside."""

    source: str
    target: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """The file system and the environment of a sandbox, in the order in which they are to be laid out."""

    system: tuple[Bind, ...]
    """Readable by everybody on the host."""
    mounts: tuple[Bind, ...]
    """What the interpreter needs, then what the specification asks for; perhaps not for everybody to reach."""
    links: tuple[tuple[str, str], ...]
    """Symbolic links: where they stand, and where they lead."""
    files: Mapping[str, str]
    memory: tuple[tuple[str, int], ...]
    """Private file systems in memory, and their size in bytes."""
    environment: Mapping[str, str]
    cwd: str
    inside: Callable[[str], str] = str
    """What a word of a command line is called inside, where that is a path of ours that had to be moved."""


def look(spec: SandboxSpec) -> View:
    """Work out what a sandbox of this specification sees.

    Raises:
        SandboxError: a mount's source does not exist, or its place inside is not an absolute plain path.
    """
    wanted = [_checked(mount) for mount in spec.mounts]
    layout = _lay_out(spec.cwd, tuple(bind.target for bind in wanted), spec.network, spec.python)
    environment = dict(spec.env)
    if layout.python_path:
        environment["PYTHONPATH"] = ":".join(filter(None, [environment.get("PYTHONPATH"), layout.python_path]))
    memory = [("/tmp", spec.limits.tmp_bytes), ("/dev/shm", spec.limits.tmp_bytes)]
    if layout.in_memory:
        memory.append((spec.cwd, spec.limits.tmp_bytes))
    environment = {"PATH": layout.path, "HOME": HOME, "LANG": "C.UTF-8", "TMPDIR": "/tmp", **environment}
    return View(
        system=layout.system,
        mounts=(*layout.python, *wanted),
        links=layout.links,
        files=_FILES,
        memory=tuple(memory),
        environment=environment,
        cwd=spec.cwd,
        inside=layout.inside,
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """What sandboxes share whose mounts stand at the same places."""

    system: tuple[Bind, ...]
    python: tuple[Bind, ...]
    links: tuple[tuple[str, str], ...]
    path: str
    python_path: str
    in_memory: bool
    """Nothing is mounted at the directory to work in."""
    inside: Callable[[str], str]


@lru_cache(maxsize=256)
def _lay_out(cwd: str, targets: tuple[str, ...], network: str, python: bool) -> _Layout:
    """Look at the machine once for each set of places: it takes a few hundred looks."""
    links = [(place, os.readlink(place)) for place in _SYSTEM if Path(place).is_symlink()]
    system = [Bind(place, place) for place in _SYSTEM if Path(place).is_dir() and not Path(place).is_symlink()]
    system += [Bind(str(Path(place).resolve()), place) for place in _ETC if Path(place).exists()]
    if network == "host" and Path("/etc/resolv.conf").exists():
        system.append(Bind(str(Path("/etc/resolv.conf").resolve()), "/etc/resolv.conf"))
    path = ["/usr/local/bin", "/usr/bin", "/bin"]
    binds: list[Bind] = []
    inside: Callable[[str], str] = str
    python_path = ""
    if python:
        ours = interpreter(
            lambda place: covered(place, [bind.target for bind in system]),
            lambda place: covered(place, [cwd, "/tmp", *targets]),
        )
        binds = [Bind(host, target) for host, target in ours.binds]
        links += ours.links
        path = [*ours.path, *path]
        inside, python_path = ours.inside, ours.python_path
    taken = ["/tmp", *targets, *(bind.target for bind in (*system, *binds))]
    return _Layout(
        system=tuple(system),
        python=tuple(binds),
        links=tuple(links),
        path=":".join(path),
        python_path=python_path,
        in_memory=not covered(cwd, taken),
        inside=inside,
    )


def _checked(mount: Mount) -> Bind:
    inside = PurePosixPath(mount.inside)
    if not inside.is_absolute() or ".." in inside.parts or inside == PurePosixPath("/"):
        raise SandboxError(f"cannot mount {mount.host} at {mount.inside!r}: not an absolute plain path")
    if not os.path.exists(mount.host):
        raise SandboxError(f"cannot mount {mount.host} at {mount.inside}: it does not exist, or is not ours to reach")
    return Bind(str(mount.host.resolve()), str(inside), mount.writable)


def covered(path: str, places: list[str]) -> bool:
    """Whether `path` is one of `places` or lies below one."""
    return any(PurePosixPath(path).is_relative_to(place) for place in places)
