"""Real sandboxes of each tier that isolates, over a workspace of their own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from practicum.api.sandbox import WORKSPACE, ExecResult, Mount, Sandbox, SandboxProvider, SandboxSpec
from practicum.sandbox.bubblewrap import BubblewrapProvider
from practicum.sandbox.namespaces import NamespacesProvider

sys.path.insert(0, str(Path(__file__).parent))

Python = Callable[..., Awaitable[ExecResult]]


@pytest.fixture(params=[BubblewrapProvider, NamespacesProvider], ids=["bubblewrap", "namespaces"])
def provider(request: pytest.FixtureRequest) -> SandboxProvider:
    made: SandboxProvider = request.param()
    return made


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
async def sandbox(provider: SandboxProvider, workspace: Path) -> AsyncIterator[Sandbox]:
    opened = await provider.open(SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True),)))
    yield opened
    await opened.close()


@pytest.fixture
def python(sandbox: Sandbox) -> Python:
    """Runs a piece of Python inside."""

    async def run(code: str, **options: object) -> ExecResult:
        return await sandbox.run(["python", "-I", "-S", "-c", code], **options)  # type: ignore[arg-type]

    return run
