"""Sandboxes: where everything that an agent wrote or asked for is executed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

Enforcement = Literal["enforced", "per_process", "none"]

MIB = 1024 * 1024

WORKSPACE = "/agent"
"""Where a folder to work in is mounted. Not a name under which checkouts live: it would hide ours."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one execution may use."""

    wall_s: float = 60.0
    cpu_s: int = 60
    memory_bytes: int = 512 * MIB
    processes: int = 64
    open_files: int = 256
    file_bytes: int = 64 * MIB
    """Largest single file."""
    tmp_bytes: int = 64 * MIB
    """Size of the private /tmp."""
    output_bytes: int = 1 * MIB
    """Of stdout and of stderr each; the rest is cut and said."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A host path that is visible inside."""

    host: Path
    inside: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """What a sandbox looks like from inside."""

    mounts: tuple[Mount, ...] = ()
    cwd: str = WORKSPACE
    env: Mapping[str, str] = field(default_factory=dict)
    """The whole environment besides PATH, HOME, LANG and TMPDIR, which are always set."""
    limits: Limits = Limits()
    network: Literal["none", "host"] = "none"
    """`host` shares the host's network; only agents' own processes ask for it."""
    python: bool = True
    """Whether the interpreter that runs Practicum, and its libraries, are visible (read-only)."""
    uid: int | None = None
    """The host uid to run as when we are root, so that two agents cannot touch each other; None for `nobody`."""

    def with_limits(self, limits: Limits) -> SandboxSpec:
        return replace(self, limits=limits)


@dataclass(frozen=True, slots=True)
class ExecResult:
    """What came of one execution."""

    exit_code: int
    """As a shell would say it: 128 + signal for a killed process, 124 for a timeout."""
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool = False
    out_of_memory: bool = False
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Isolation:
    """What a tier was seen to enforce on this machine, by a probe that really tried."""

    tier: str
    """`bubblewrap`, `namespaces`, `landlock`, `rlimits`, `local`."""
    fs: Enforcement = "none"
    net: Enforcement = "none"
    pid: Enforcement = "none"
    mem: Enforcement = "none"
    cpu: Enforcement = "none"
    disk: Enforcement = "none"
    seccomp: Enforcement = "none"
    remarks: tuple[str, ...] = ()
    """Why something is not enforced, and the line that mends it."""

    def missing(self, required: Sequence[str]) -> tuple[str, ...]:
        """Those of `required` (such as `fs`, `net`, `pid`) that are not `enforced`."""
        return tuple(name for name in required if getattr(self, name) != "enforced")

    def as_dict(self) -> dict[str, str]:
        """For events and reports: tier and each dimension."""
        names = ("tier", "fs", "net", "pid", "mem", "cpu", "disk", "seccomp")
        return {name: str(getattr(self, name)) for name in names}


class SandboxProcess(Protocol):
    """A long-lived process inside a sandbox: an agent's host, a deployed server."""

    @property
    def pid(self) -> int:
        """On the host; of the outermost process that can be signalled to end the whole sandbox."""
        ...

    async def wait(self) -> int:
        """Wait for its end; return the exit code."""
        ...

    async def kill(self) -> None:
        """End the process and everything it started; returns when none is left."""
        ...


class Sandbox(Protocol):
    """One configured sandbox; each `run` is a fresh set of namespaces over the same mounts."""

    @property
    def spec(self) -> SandboxSpec:
        """What it was opened with."""
        ...

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """Execute and wait; nothing it started is left when this returns, also when cancelled.

        Raises:
            SandboxError: the sandbox itself could not be set up (not: the command failed).
        """
        ...

    async def start(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> SandboxProcess:
        """Start a long-lived process. It dies with us. `pass_fds` keep their numbers inside.

        `stdout` and `stderr` are host file descriptors; None discards.
        """
        ...

    async def close(self) -> None:
        """End whatever is still running."""
        ...


class SandboxProvider(Protocol):
    """A way of isolating; open to third parties by the entry point `practicum.sandboxes`."""

    @property
    def name(self) -> str:
        """The tier: `bubblewrap`, `namespaces`, `local`."""
        ...

    async def detect(self) -> Isolation:
        """Try each dimension once with a real probe and report what holds. Cached by the caller."""
        ...

    async def open(self, spec: SandboxSpec) -> Sandbox: ...
