"""A sandbox that is a container."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from practicum.api.sandbox import ExecResult, Limits, SandboxProcess, SandboxSpec
from practicum.errors import SandboxError
from practicum.sandbox.confined import TIMEOUT_EXIT
from practicum.sandbox.docker.container import Container, Output
from practicum.sandbox.mirror import MOST_BYTES, Mirror

_LAST_S = 5.0
"""How long the end of a command may take after everything in its container was killed."""
_KILLED = 128
_OOM = "cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null; true"

T = TypeVar("T")


class DockerSandbox:
    """See `practicum.api.sandbox.Sandbox`. One command at a time: what one leaves behind is ended before the next."""

    def __init__(self, spec: SandboxSpec, container: Container, mirrors: dict[str, Mirror], uid: int) -> None:
        self.spec = spec
        self._container = container
        self._mirrors, self._uid = mirrors, uid
        self._one = asyncio.Lock()
        # Of its own: a command that runs long must not keep others from being ended.
        self._threads = ThreadPoolExecutor(3, thread_name_prefix="practicum-docker")
        self._killed = 0
        self._closed = False

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

        Memory and processes are limited for the container as a whole, by the limits that it was opened with.

        Raises:
            SandboxError: the daemon refuses, or the connection to it broke.
        """
        if not argv:
            raise SandboxError("there is no command to execute")
        limits = limits or self.spec.limits
        async with self._one:
            await self._call(self._send)
            out, err = Output(limits.output_bytes), Output(limits.output_bytes)
            started = time.monotonic()

            def work() -> int:
                folder, variables = cwd or self.spec.cwd, dict(env or {})
                execution = self._container.execute(argv, stdin=stdin, cwd=folder, environment=variables, limits=limits)
                return execution.read(out, err)

            code, timed_out = await self._watch(work, limits.wall_s)
            seconds = time.monotonic() - started
            if code > _KILLED or timed_out:
                # Perhaps what was killed is the wrapper, which ends what the command left behind.
                await self._call(self._end_all)
            memory = code != 0 and not timed_out and await self._call(self._memory_killed)
            await self._call(self._fetch)
        return ExecResult(
            exit_code=TIMEOUT_EXIT if timed_out else code,
            stdout=out.text(),
            stderr=err.text(),
            seconds=seconds,
            timed_out=timed_out,
            out_of_memory=memory,
            truncated=out.truncated or err.truncated,
        )

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
        """There are no long-lived processes here.

        Raises:
            SandboxError: always.
        """
        raise SandboxError("a container executes commands only", hint="use the tier bubblewrap or namespaces")

    async def close(self) -> None:
        """Remove the container, with whatever runs in it."""
        if not self._closed:
            self._closed = True
            await asyncio.shield(self._call(self._container.close))
            self._threads.shutdown(wait=False)

    async def _watch(self, work: Callable[[], int], wall_s: float) -> tuple[int, bool]:
        """Let a command run; end it when it takes too long, or when we are cancelled."""
        reading = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            async with asyncio.timeout(wall_s):
                return await asyncio.shield(reading), False
        except TimeoutError:
            await asyncio.shield(self._stop(reading))
            return TIMEOUT_EXIT, True
        except asyncio.CancelledError:
            await asyncio.shield(self._stop(reading))
            raise

    async def _stop(self, reading: asyncio.Future[int]) -> None:
        await self._call(self._end_all)
        done, _ = await asyncio.wait([reading], timeout=_LAST_S)
        if not done:
            await self._call(self._container.restart)
            await asyncio.wait([reading], timeout=_LAST_S)

    def _end_all(self) -> None:
        """Kill every process but the first. Where there is no room for one more to do it, by a restart."""
        try:
            self._container.plain(":")  # the wrapper does it, after nothing
        except SandboxError:
            self._container.restart()

    def _memory_killed(self) -> bool:
        """Whether the kernel killed something for want of memory since this was last asked."""
        _, text = self._container.plain(_OOM)
        counts = [int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill ")]
        before, self._killed = self._killed, max(counts, default=0)
        return self._killed > before

    def _send(self) -> None:
        """What was changed here goes into the container, where that does not see our disk."""
        for place, mirror in self._mirrors.items():
            changed, removed = mirror.outgoing()
            if removed:
                self._container.plain("\n".join(f"rm -rf -- {_quoted(f'{place}/{name}')}" for name in removed))
            if changed:
                self._container.put(place, mirror.pack(changed, self._uid))
                mirror.settle()

    def _fetch(self) -> None:
        writable = {mount.inside for mount in self.spec.mounts if mount.writable}
        for place, mirror in self._mirrors.items():
            if place in writable:
                mirror.receive(self._container.get(place, 2 * MOST_BYTES), strip=1, only=True)

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"
