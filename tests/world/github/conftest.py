"""The team that most tests here work with."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from github_team import REPO, Team, open_team


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    """A protected repository (one approval) that everybody may write to, and which the lead administers."""
    async with open_team(tmp_path, {"repo": REPO, "repos": {REPO: {"collaborators": {"lead": "admin"}}}}) as found:
        yield found


@pytest.fixture
async def open_repo(tmp_path: Path) -> AsyncIterator[Team]:
    """The same without protection."""
    about = {"collaborators": {"lead": "admin"}, "protected": False}
    async with open_team(tmp_path, {"repos": {REPO: about}}) as found:
        yield found
