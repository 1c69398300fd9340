"""A sandbox of namespaces: what the tiers have in common. A tier says only how one execution is launched."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Protocol

from practicum.api.sandbox import ExecResult, Limits, SandboxSpec
from practicum.errors import SandboxError
from practicum.sandbox.cgroup import Group, Groups
from practicum.sandbox.child import Child, Pipe, Watch
from practicum.sandbox.execution import TIMEOUT_EXIT as TIMEOUT_EXIT  # for other providers
from practicum.sandbox.execution import Execution
from practicum.sandbox.guard import marked
from practicum.sandbox.stage import Stage
from practicum.sandbox.view import View

LAUNCHER_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
"""All that a launcher gets besides a mark: it stays readable inside as /proc/1/environ, so it must not be ours."""

KILLED_EXIT = 137
_SETUP_S = 10.0
"""How long a launcher may take until it has said which process is the sandbox's first."""


@dataclass(frozen=True, slots=True)
class Order:
    """One execution, as a tier's launcher needs to know it."""

    argv: Sequence[str]
    cwd: str
    environment: Mapping[str, str]
    limits: Limits
    whole_tree: bool
    """Whether a control group limits memory and processes, so that each process alone need not be."""
    status: int
    """Write end of a pipe, for JSON documents `{"child-pid": N}` and, at the end, `{"exit-code": N}`."""


class Launcher(Protocol):
    """What a tier adds: the command line that sets a sandbox up, and descriptors for it (closed by the caller)."""

    def __call__(self, place: Place, order: Order) -> tuple[list[str], list[int]]: ...


@dataclass(frozen=True, slots=True)
class Place:
    """What one sandbox's executions have in common."""

    spec: SandboxSpec
    view: View
    uid: int | None
    """On the host, when we are root."""
    stage: Stage | None
    """Where the view's mounts stand, when we are root."""

    def sources(self) -> list[str]:
        """Where each of the view's mounts is to be taken from."""
        if self.stage is None:
            return [bind.source for bind in self.view.mounts]
        return [self.stage.path(number) for number, _ in enumerate(self.view.mounts)]


class _Job:
    """One running sandbox: the launcher, the first process inside, a control group."""

    def __init__(self, place: Place, launch: Launcher, groups: Groups | None) -> None:
        self._place, self._launch, self._groups = place, launch, groups
        self._group: Group | None = None
        self._inside: Watch | None = None
        self._known = asyncio.Event()
        self._exit_code: int | None = None
        self._pending = bytearray()
        self._status: Pipe | None = None
        self.child: Child | None = None
        self.out_of_memory = False

    def start(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None,
        env: Mapping[str, str] | None,
        limits: Limits,
        pass_fds: Iterable[int] = (),
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        stderr: int = subprocess.DEVNULL,
    ) -> None:
        _check(argv, {**self._place.view.environment, **(env or {})})
        if self._groups is not None:
            self._group = self._groups.lend(limits)
        self._status = Pipe(4096, self._told)
        with ExitStack() as stack:
            order = Order(
                argv=[self._place.view.inside(word) for word in argv],
                cwd=cwd or self._place.view.cwd,
                environment={**self._place.view.environment, **(env or {})},
                limits=limits,
                whole_tree=self._group is not None,
                status=self._status.write_end,
            )
            try:
                command, descriptors = self._launch(self._place, order)
                for descriptor in descriptors:
                    stack.callback(os.close, descriptor)
                self.child = Child(
                    _joining(self._group, command),
                    env={**LAUNCHER_ENVIRONMENT, **marked()},
                    pass_fds=[*descriptors, self._status.write_end, *pass_fds],
                    stdin=stdin,
                    stdout=stdout,
                    stderr=stderr,
                )
            except BaseException:
                self._status.close()
                self._release()
                raise
        self._status.started()

    def _told(self, chunk: bytes) -> None:
        self._pending += chunk
        *lines, rest = bytes(self._pending).split(b"\n")
        self._pending = bytearray(rest)
        for line in lines:
            said = json.loads(line)
            if "child-pid" in said and self._inside is None:
                self._inside = Watch(int(said["child-pid"]))
                self._known.set()
            if "exit-code" in said:
                self._exit_code = int(said["exit-code"])

    def kill(self) -> None:
        """Send SIGKILL to the launcher and to the first process inside, with which its whole pid namespace ends."""
        if self._inside is not None:
            self._inside.kill()
        if self.child is not None:
            self.child.kill()

    async def end(self) -> None:
        """Make sure that nothing of it is left, then give the group back. Never leaves before that is so."""
        assert self.child is not None
        assert self._status is not None
        if self._inside is None and self.child.running:
            # Between fork and this word, the first process is not yet bound to its launcher's life.
            known, gone = asyncio.ensure_future(self._known.wait()), asyncio.ensure_future(self.child.wait())
            try:
                await asyncio.wait((known, gone), timeout=_SETUP_S, return_when=asyncio.FIRST_COMPLETED)
            finally:
                known.cancel()
                gone.cancel()
                await asyncio.wait((known, gone))  # or a loop that ends with us leaves them pending
        self.kill()
        await self.child.wait()
        await self._status.finished()
        if self._inside is not None:
            self._inside.kill()
            await self._inside.ended()  # a namespace's first process is gone only after all the others are
            self._inside.bury()
        self._release()

    def _release(self) -> None:
        group, self._group = self._group, None
        if group is not None and self._groups is not None:
            self.out_of_memory = group.out_of_memory()
            self._groups.give_back(group)

    async def code(self) -> int | None:
        """After `end`: the command's exit code; None when the sandbox was never ready to run it."""
        assert self.child is not None
        if self._exit_code is not None:
            return self._exit_code
        code = await self.child.wait()
        return code if code == KILLED_EXIT else None


class ConfinedProcess:
    """A long-lived process inside. See `practicum.api.sandbox.SandboxProcess`."""

    def __init__(self, job: _Job) -> None:
        assert job.child is not None
        self.pid = job.child.pid
        self._job = job
        self._end = asyncio.create_task(self._follow(job.child), name=f"sandbox-{self.pid}")

    async def _follow(self, child: Child) -> int | None:
        await child.wait()
        await self._job.end()
        return await self._job.code()

    async def wait(self) -> int:
        """Wait for its end; return the exit code, as a shell would say it.

        Raises:
            SandboxError: the sandbox could not be set up; what the launcher said went to `stderr`.
        """
        code = await asyncio.shield(self._end)
        if code is None:
            raise SandboxError(
                "the sandbox could not be set up", hint="its launcher's reason is in the process's stderr"
            )
        return code

    async def kill(self) -> None:
        """End the process and everything it started; returns when none is left. Not an error when it is over."""
        self._job.kill()
        await asyncio.shield(self._job.end())
        await asyncio.shield(self._end)


@dataclass
class ConfinedSandbox:
    """See `practicum.api.sandbox.Sandbox`."""

    place: Place
    launch: Launcher
    groups: Groups | None
    _processes: list[ConfinedProcess] = field(default_factory=list)

    @property
    def spec(self) -> SandboxSpec:
        return self.place.spec

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

        `stdout` and `stderr` are decoded as UTF-8; where one was cut, its last line says so.

        Raises:
            SandboxError: the sandbox itself could not be set up (not: the command failed).
        """
        limits = limits or self.spec.limits
        job = _Job(self.place, self.launch, self.groups)
        with Execution(stdin, limits) as execution:
            job.start(
                argv, cwd=cwd, env=env, limits=limits,
                stdin=execution.source, stdout=execution.out, stderr=execution.err,
            )  # fmt: skip
            execution.started()
            assert job.child is not None
            try:
                await execution.over(job.child.wait())
            finally:
                await asyncio.shield(job.end())
            await execution.gathered()
        code = await job.code()
        if code is None and not execution.timed_out:
            raise SandboxError(
                f"the sandbox could not be set up: {execution.errors().strip() or 'its launcher said nothing'}"
            )
        return execution.result(code or 0, out_of_memory=job.out_of_memory)

    async def start(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> ConfinedProcess:
        """Start a long-lived process; `limits.wall_s` does not apply to it, the other limits do.

        Raises:
            SandboxError: the launcher could not be started.
        """
        job = _Job(self.place, self.launch, self.groups)
        job.start(
            argv,
            cwd=cwd,
            env=env,
            limits=self.spec.limits,
            pass_fds=pass_fds,
            stdout=subprocess.DEVNULL if stdout is None else stdout,
            stderr=subprocess.DEVNULL if stderr is None else stderr,
        )
        process = ConfinedProcess(job)
        self._processes.append(process)
        return process

    async def close(self) -> None:
        """End whatever is still running."""
        while self._processes:
            await self._processes.pop().kill()
        if self.place.stage is not None:
            self.place.stage.close()


def _joining(group: Group | None, command: list[str]) -> list[str]:
    """The command, first made a member of the group: before it forks, or its children stay outside."""
    if group is None:
        return command
    # "exit" when the kernel refuses: nothing runs outside of its limits.
    script = 'for file in $1; do echo $$ > "$file" || exit 125; done; shift; exec "$@"'
    return ["/bin/sh", "-c", script, "sandbox", " ".join(group.entry()), *command]


def _check(argv: Sequence[str], environment: Mapping[str, str]) -> None:
    if not argv:
        raise SandboxError("there is no command to execute")
    for text in (*argv, *environment, *environment.values()):
        if "\0" in text:
            raise SandboxError("a command line and an environment cannot hold the character NUL")
    for name in environment:
        if not name or "=" in name:
            raise SandboxError(f"{name!r} cannot be the name of a variable")
