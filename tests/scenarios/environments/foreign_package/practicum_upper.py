"""A stranger's environment: it runs commands on this machine, and shouts what they say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from practicum.api.sandbox import ExecResult, Isolation, Limits, SandboxProcess, SandboxSpec


class UpperProvider:
    name = "upper"

    def __init__(self, image: str = "") -> None:
        self._image = image

    async def detect(self) -> Isolation:
        return Isolation("upper", remarks=("runs on the host",))

    async def open(self, spec: SandboxSpec) -> UpperSandbox:
        return UpperSandbox(spec, self._image)


class UpperSandbox:
    def __init__(self, spec: SandboxSpec, image: str) -> None:
        self.spec, self._image = spec, image

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        started = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *map(self._here, argv),
            cwd=self._here(cwd or self.spec.cwd),
            env={"PATH": "/usr/bin:/bin", **self.spec.env, **(env or {})},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(stdin)
        done = ExecResult(process.returncode or 0, out.decode(), err.decode(), time.monotonic() - started)
        return (
            replace(done, stdout=done.stdout.upper())
            if self._image == "shouting" and "/" not in out.decode()[:1]
            else done
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
        raise NotImplementedError

    async def close(self) -> None:
        return

    def _here(self, word: str) -> str:
        for mount in self.spec.mounts:
            if word == mount.inside or word.startswith(f"{mount.inside}/"):
                return str(mount.host) + word[len(mount.inside) :]
        return str(Path(word)) if word.startswith("/") else word
