"""The tier `local`: processes of the host in the mounted folder, with limits for each process and nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from practicum.api.sandbox import ExecResult, Isolation, Limits, SandboxSpec
from practicum.errors import SandboxError
from practicum.sandbox.confined import ConfinedProcess, ConfinedSandbox, Order, Place
from practicum.sandbox.view import View


def _command(place: Place, order: Order) -> tuple[list[str], list[int]]:
    """`prlimit` before the command, in the host's own namespaces; a status line as bubblewrap writes it."""
    limits = order.limits
    # The first process reports itself: with no namespace to end, killing its session is all there is.
    script = (
        'told=/proc/self/fd/$1; printf \'{"child-pid": %d}\\n\' $$ > "$told"; cd "$2" || exit 125; shift 2; "$@"; '
        'code=$?; printf \'{"exit-code": %d}\\n\' $code > "$told"; exit $code'
    )
    command = ["setsid", "--wait", "/bin/sh", "-c", script, "sandbox", str(order.status), order.cwd]
    command += ["env", "-i", *(f"{name}={value}" for name, value in order.environment.items())]
    command += ["prlimit", f"--cpu={limits.cpu_s}", f"--nofile={limits.open_files}", f"--fsize={limits.file_bytes}"]
    return [*command, f"--as={limits.memory_bytes}", "--core=0", "--", *order.argv], []


class LocalSandbox:
    """Translates the paths inside to the host's and runs there."""

    def __init__(self, spec: SandboxSpec) -> None:
        self.spec = spec
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": self._outside(spec.cwd),
            "LANG": "C.UTF-8",
        }
        environment |= {"TMPDIR": "/tmp", **spec.env}
        view = View((), (), (), {}, (), environment, self._outside(spec.cwd))
        self._inner = ConfinedSandbox(Place(spec=spec, view=view, uid=None, stage=None), _command, None)

    def _outside(self, path: str) -> str:
        for mount in self.spec.mounts:
            if PurePosixPath(path).is_relative_to(mount.inside):
                return str(mount.host / PurePosixPath(path).relative_to(mount.inside))
        return path

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """See `practicum.api.sandbox.Sandbox.run`."""
        return await self._inner.run(argv, stdin=stdin, cwd=self._outside(cwd or self.spec.cwd), env=env, limits=limits)

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
        """See `practicum.api.sandbox.Sandbox.start`."""
        return await self._inner.start(
            argv, cwd=self._outside(cwd or self.spec.cwd), env=env, pass_fds=pass_fds, stdout=stdout, stderr=stderr
        )

    async def close(self) -> None:
        """End whatever is still running."""
        await self._inner.close()


class LocalProvider:
    """No isolation at all."""

    name = "local"

    async def detect(self) -> Isolation:
        return Isolation("local", remarks=(f"{sys.platform}: the host itself, nothing is isolated",))

    async def open(self, spec: SandboxSpec) -> LocalSandbox:
        """A folder of the host to run in.

        Raises:
            SandboxError: a mount's source does not exist.
        """
        for mount in spec.mounts:
            if not mount.host.exists():
                raise SandboxError(f"{mount.host} does not exist")
        return LocalSandbox(spec)
