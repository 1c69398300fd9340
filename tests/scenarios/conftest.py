"""A run as evaluators see it: real git, real sandboxes, GitHub's answers in the shapes that it documents."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from evaluated_run import EvaluatedRun, begin_repository


@pytest.fixture(scope="session")
def begun_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("begun")
    begin_repository(folder)
    return folder


@pytest.fixture
def team_run(tmp_path: Path, begun_repository: Path) -> EvaluatedRun:
    """A run in which nobody has done anything yet."""
    shutil.copytree(begun_repository, tmp_path, dirs_exist_ok=True)
    return EvaluatedRun(tmp_path)
