"""Workspaces in folders of their own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from practicum.scenarios.environments import Workspace, open_workspace
from practicum.scenarios.schema import Environment, Setup

sys.path.insert(0, str(Path(__file__).parent))

Opener = Callable[..., Awaitable[Workspace]]


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """The scenario's folder."""
    folder = tmp_path / "scenario"
    folder.mkdir()
    return folder


@pytest.fixture
async def opened(tmp_path: Path, beside: Path) -> AsyncIterator[Opener]:
    """Opens workspaces as a scenario file asks for them; they are closed at the end."""
    workspaces: list[Workspace] = []

    async def make(environment: object = "local", setup: dict[str, Any] | None = None, **more: Any) -> Workspace:
        workspace = await open_workspace(
            Environment.model_validate(environment),
            root=tmp_path / f"workspace-{len(workspaces)}",
            setup=Setup.model_validate(setup or {}),
            folder=beside,
            **more,
        )
        workspaces.append(workspace)
        return workspace

    yield make
    for workspace in workspaces:
        await workspace.close()
