"""A home of its own, and a stand-in for making a run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from suite_stand_in import Execute, quick_run


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRACTICUM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def quick() -> Execute:
    return quick_run
