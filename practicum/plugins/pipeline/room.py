"""Sandboxes in which a plugin's code runs: what they see, and what they may use (B19)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import practicum
from practicum.api.sandbox import MIB, ExecResult, Limits, Mount, Sandbox, SandboxProvider, SandboxSpec
from practicum.plugins.pipeline.libraries import RUNTIME, TESTING, library

HERE = "/opt/plugin"
"""Where the pipeline's own things are mounted."""
API, RUNTIME_INSIDE, TESTING_INSIDE = f"{HERE}/api", f"{HERE}/runtime", f"{HERE}/testing"
PROGRAMS, VENV, DEPENDENCIES, SOURCE = f"{HERE}/inside", f"{HERE}/venv", f"{HERE}/dependencies", "/plugin"
PYTHON = f"{VENV}/bin/python"

LIMITS = Limits(
    wall_s=60.0,
    cpu_s=60,
    memory_bytes=768 * MIB,
    processes=32,
    open_files=256,
    file_bytes=32 * MIB,
    tmp_bytes=64 * MIB,
    output_bytes=8 * MIB,
)
"""For every execution of a plugin's code. Nothing of the host is writable, so `tmp_bytes` is all the disk there is."""

PATH_FILE = f"{DEPENDENCIES}\n{API}\n{RUNTIME_INSIDE}\n"
"""What stands in an environment's `.pth`: the plugin's dependencies, then the API and what that needs."""

_API = ("__init__.py", "py.typed", "errors.py", "api")
_KIT = (
    "plugins/__init__.py",
    "plugins/testing.py",
    "plugins/specification.py",
    "plugins/host/__init__.py",
    "plugins/host/schedule.py",
)

_ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}


@dataclass(frozen=True, slots=True)
class Rooms:
    """Opens sandboxes of one provider; the libraries lie in `cache`."""

    provider: SandboxProvider
    cache: Path
    limits: Limits = LIMITS

    @asynccontextmanager
    async def open(self, *mounts: Mount, limits: Limits | None = None) -> AsyncIterator[Sandbox]:
        """A sandbox without network and without our environment, with these mounts.

        Raises:
            SandboxError: it cannot be set up.
        """
        sandbox = await self.provider.open(
            SandboxSpec(mounts=mounts, env=_ENVIRONMENT, limits=limits or self.limits, network="none")
        )
        try:
            yield sandbox
        finally:
            await sandbox.close()

    async def run(self, argv: Sequence[str], *mounts: Mount, stdin: bytes = b"", cwd: str | None = None) -> ExecResult:
        """One execution in a sandbox of its own."""
        async with self.open(*mounts) as sandbox:
            return await sandbox.run(argv, stdin=stdin, cwd=cwd)

    def programs(self) -> Mount:
        """The programs of `inside/`."""
        return Mount(Path(__file__).parent / "inside", PROGRAMS)

    def runtime(self) -> tuple[Mount, ...]:
        """What a plugin finds when it is installed: `practicum.api`, and pydantic."""
        return (*api(), Mount(library(self.cache, RUNTIME), RUNTIME_INSIDE))

    def testing(self) -> tuple[Mount, ...]:
        """What tests find besides: pytest, and the conformance kit (`practicum.plugins.testing`)."""
        return (*_parts(_KIT), Mount(library(self.cache, TESTING), TESTING_INSIDE))


def api() -> tuple[Mount, ...]:
    """The API and nothing else of Practicum: an installed one brings solutions of scenarios, which nobody may read."""
    return _parts(_API)


def _parts(names: Sequence[str]) -> tuple[Mount, ...]:
    package = Path(practicum.__file__).parent
    return tuple(Mount(package / name, f"{API}/practicum/{name}") for name in names)
