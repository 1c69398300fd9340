"""The tier `local`."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from practicum.api.sandbox import ExecResult, Isolation, Limits, SandboxSpec
from practicum.errors import SandboxError
from practicum.sandbox.child import Child
from practicum.sandbox.execution import Execution
from practicum.sandbox.programs import tool
from practicum.sandbox.rlimits import prlimit_arguments, rlimits

_LAST_OUTPUT_S = 0.2
"""How long to read on after the end: what left our process group may hold the pipe open for ever."""

REMARK = "no isolation: commands run on this machine with your rights, files and network"


class LocalProvider:
    """Runs on the host as ourselves, with limits for each process and a clean environment. It isolates nothing.

    Mounts are not mounted: their places inside, where they are named in the command line or as its directory, are
    replaced by the host's.
    """

    name = "local"

    def __init__(self, *, remarks: Sequence[str] = ()) -> None:
        self._remarks = tuple(remarks)

    async def detect(self) -> Isolation:
        """Nothing is enforced, and this says so; there is nothing to try."""
        return Isolation("local", remarks=(*self._remarks, REMARK))

    async def open(self, spec: SandboxSpec) -> LocalSandbox:
        """Make a private HOME and TMPDIR.

        Raises:
            SandboxError: a mount's source does not exist.
        """
        for mount in spec.mounts:
            if not mount.host.exists():
                raise SandboxError(f"cannot mount {mount.host} at {mount.inside}: it does not exist")
        scratch = Path(tempfile.mkdtemp(prefix="practicum-local-"))
        return LocalSandbox(spec, scratch)


class LocalProcess:
    """See `practicum.api.sandbox.SandboxProcess`; reaches only what stayed in its process group."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self.pid = child.pid

    async def wait(self) -> int:
        return await self._child.wait()

    async def kill(self) -> None:
        self._child.kill()
        await self._child.wait()


@dataclass
class LocalSandbox:
    """See `practicum.api.sandbox.Sandbox`."""

    spec: SandboxSpec
    _scratch: Path
    _processes: list[LocalProcess] = field(default_factory=list)

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """Execute and wait; what left the process group (setsid) is not found again, unlike in every other tier.

        Raises:
            SandboxError: the directory does not exist.
        """
        limits = limits or self.spec.limits
        with Execution(stdin, limits) as execution:
            child = self._child(
                argv, cwd, env, limits, stdin=execution.source, stdout=execution.out, stderr=execution.err
            )
            execution.started()
            try:
                await execution.over(child.wait())
            finally:
                child.kill_group()
                await asyncio.shield(child.wait())
            try:
                async with asyncio.timeout(_LAST_OUTPUT_S):
                    await execution.gathered()
            except TimeoutError:
                pass  # the pipe is held by what outlived its parent; what it writes is nobody's output
        return execution.result(await child.wait())

    async def start(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> LocalProcess:
        """Start a long-lived process, which the kernel ends when we end.

        Raises:
            SandboxError: the directory does not exist.
        """
        child = self._child(
            argv,
            cwd,
            env,
            self.spec.limits,
            pass_fds=pass_fds,
            stdout=subprocess.DEVNULL if stdout is None else stdout,
            stderr=subprocess.DEVNULL if stderr is None else stderr,
        )
        process = LocalProcess(child)
        self._processes.append(process)
        return process

    async def close(self) -> None:
        """End whatever is still running, and remove HOME and TMPDIR."""
        while self._processes:
            await self._processes.pop().kill()
        try:
            self._scratch.rmdir()
        except OSError:  # something was left in it
            await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)

    def _child(
        self,
        argv: Sequence[str],
        cwd: str | None,
        env: Mapping[str, str] | None,
        limits: Limits,
        *,
        pass_fds: Iterable[int] = (),
        stdin: int = subprocess.DEVNULL,
        stdout: int,
        stderr: int,
    ) -> Child:
        if not argv:
            raise SandboxError("there is no command to execute")
        folder = Path(self._on_host(cwd or self.spec.cwd))
        if not folder.is_dir():
            if cwd is not None or any(mount.inside == self.spec.cwd for mount in self.spec.mounts):
                raise SandboxError(f"the directory {folder} does not exist")
            folder = self._scratch  # in the other tiers an empty directory stands there
        path = [f"{sys.prefix}/bin"] if self.spec.python else []
        environment = {
            "PATH": ":".join([*path, "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(self._scratch),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self._scratch),
            **self.spec.env,
            **(env or {}),
        }
        # Processes are not counted: the kernel would count everything else that we run, too.
        values = rlimits(limits, whole_tree=False, count_processes=False)
        limit = [tool("prlimit"), *prlimit_arguments(values), "--"]
        bind = [tool("setpriv"), "--pdeathsig=KILL", "--"]
        return Child(
            [*bind, *limit, *(self._on_host(word) for word in argv)],
            env=environment,
            cwd=str(folder),
            pass_fds=tuple(pass_fds),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )

    def _on_host(self, word: str) -> str:
        for mount in self.spec.mounts:
            if word == mount.inside or word.startswith(mount.inside.rstrip("/") + "/"):
                return str(mount.host) + word[len(mount.inside.rstrip("/")) :]
        return word
