"""A sandbox that is a virtual machine of E2B."""

from __future__ import annotations

import asyncio
import os
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from practicum.api.sandbox import ExecResult, Limits, SandboxProcess, SandboxSpec
from practicum.errors import SandboxError
from practicum.sandbox.confined import KILLED_EXIT, TIMEOUT_EXIT
from practicum.sandbox.e2b.script import FOLDER, PREPARE, command
from practicum.sandbox.mirror import MOST_BYTES, Mirror

if TYPE_CHECKING:
    from e2b import AsyncCommandHandle, AsyncSandbox

LIFE_S = 300
"""A machine ends by itself so long after it was last asked for anything: also when we are gone."""
_BESIDES_S = 60
"""What sending, listing and packing may take, besides the command itself."""


class E2BSandbox:
    """See `practicum.api.sandbox.Sandbox`. One command at a time: what one leaves behind is ended before the next."""

    def __init__(self, spec: SandboxSpec, machine: AsyncSandbox, key: str, owner: int | None) -> None:
        self.spec = spec
        self._machine, self._key = machine, key
        self._mirrors = [(mount, Mirror(mount.host, owner)) for mount in spec.mounts]
        self._one = asyncio.Lock()
        self._closed = False

    async def prepare(self) -> None:
        """Make the places where the folders stand.

        Raises:
            SandboxError: E2B refuses.
        """
        places = shlex.join([FOLDER, *(mount.inside for mount in self.spec.mounts)])
        with said(self._key):
            await self._machine.commands.run(PREPARE.format(places=places), user="root", cwd="/")

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """Send what changed, execute, and fetch what changed. Nothing it started is left when this returns.

        Raises:
            SandboxError: E2B refuses, or does not answer.
        """
        from e2b import CommandExitException, TimeoutException

        if not argv:
            raise SandboxError("there is no command to execute")
        limits = limits or self.spec.limits
        async with self._one:
            with said(self._key):
                await self._machine.set_timeout(round(limits.wall_s) + _BESIDES_S + LIFE_S)
                await self._send(stdin)
                line = command(argv, cwd=cwd or self.spec.cwd, limits=limits)
                writable = ":".join(mount.inside for mount in self.spec.mounts if mount.writable)
                variables = {**self.spec.env, **(env or {}), "WRITABLE": writable}
                started = time.monotonic()
                timed_out = False
                running = await self._machine.commands.run(
                    line, background=True, envs=variables, user="user", cwd="/", timeout=limits.wall_s + _BESIDES_S
                )
                try:
                    done = await running.wait()
                    code, out, err = done.exit_code, done.stdout, done.stderr
                except CommandExitException as ended:
                    code, out, err = ended.exit_code, ended.stdout, ended.stderr
                except TimeoutException:
                    code, out, err, timed_out = TIMEOUT_EXIT, "", "", True
                    await self._end_all(running)
                except asyncio.CancelledError:
                    await asyncio.shield(self._end_all(running))
                    raise
                seconds = time.monotonic() - started
                if not timed_out:
                    await self._fetch()
        timed_out = timed_out or (code == KILLED_EXIT and seconds >= limits.wall_s)
        stdout, cut_out = _cut(out, limits.output_bytes)
        stderr, cut_err = _cut(err, limits.output_bytes)
        return ExecResult(
            exit_code=TIMEOUT_EXIT if timed_out else code,
            stdout=stdout,
            stderr=stderr,
            seconds=seconds,
            timed_out=timed_out,
            truncated=cut_out or cut_err,
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
        raise SandboxError("an E2B sandbox executes commands only", hint="use the tier bubblewrap or namespaces")

    async def close(self) -> None:
        """End the machine. Where E2B does not answer, it ends by itself: no reason to lose what a run came to."""
        if not self._closed:
            self._closed = True
            with suppress(SandboxError), said(self._key):
                await self._machine.kill()

    async def _end_all(self, running: AsyncCommandHandle) -> None:
        from e2b import CommandExitException

        await running.kill()
        try:
            await self._machine.commands.run("kill -9 -1", user="user", cwd="/", timeout=10)
        except CommandExitException:
            return  # it killed the shell that it stood in

    async def _send(self, stdin: bytes) -> None:
        from e2b.sandbox.filesystem.filesystem import WriteEntry

        files: list[WriteEntry] = []
        for number, (mount, mirror) in enumerate(self._mirrors):
            changed, gone = await asyncio.to_thread(mirror.outgoing)
            place = f"{FOLDER}/in.{number}"
            if changed:
                files.append(WriteEntry(path=f"{place}/tar", data=await asyncio.to_thread(mirror.pack, changed, 0)))
            if gone:
                names = b"".join(os.fsencode(f"./{name}") + b"\0" for name in gone)
                files.append(WriteEntry(path=f"{place}/gone", data=names))
            if changed or gone:
                files.append(WriteEntry(path=f"{place}/to", data=mount.inside))
        if stdin:
            files.append(WriteEntry(path=f"{FOLDER}/stdin", data=stdin))
        if files:
            await self._machine.files.write_files(files, user="user")
            for _, mirror in self._mirrors:
                await asyncio.to_thread(mirror.settle)

    async def _fetch(self) -> None:
        writable = [mirror for mount, mirror in self._mirrors if mount.writable]
        for number, mirror in enumerate(writable):
            listed = bytes(await self._machine.files.read(f"{FOLDER}/names.{number}", format="bytes", user="user"))
            size, *names = listed.split(b"\0")
            if not size.isdigit() or int(size) > 2 * MOST_BYTES:
                raise SandboxError(f"what was changed in the workspace is too large to be fetched: {size[:20]!r} bytes")
            archive = await self._machine.files.read(f"{FOLDER}/new.{number}", format="bytes", user="user")
            await asyncio.to_thread(mirror.receive, bytes(archive), only=False)
            there = {os.fsdecode(name) for name in names}
            await asyncio.to_thread(mirror.keep, there)


@contextmanager
def said(key: str) -> Iterator[None]:
    """Turn what the SDK raises into our own errors, without the key.

    Raises:
        SandboxError: E2B refuses, or does not answer.
    """
    import httpx
    from e2b import AuthenticationException, SandboxException
    from e2b.exceptions import ServiceBusyException

    try:
        yield
    except AuthenticationException as error:
        hint = "put E2B_API_KEY into your shell or --env-file, or run with --environment local"
        raise SandboxError(f"E2B does not accept the key: {_short(error, key)}", hint=hint) from None
    except (SandboxException, ServiceBusyException, httpx.HTTPError, OSError) as error:
        raise SandboxError(f"E2B: {_short(error, key)}", hint="or run with --environment local") from None


def _short(error: Exception, key: str) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text.replace(key, "***")[:300]


def _cut(text: str, limit: int) -> tuple[str, bool]:
    data = text.encode(errors="replace")
    if len(data) <= limit:
        return text, False
    return f"{data[:limit].decode(errors='replace')}\n[cut after {limit} bytes]\n", True
