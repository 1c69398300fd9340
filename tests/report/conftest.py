"""Recorded runs made by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
pytest.register_assert_rewrite("told_run", "told_verdict")

from told_run import ToldRun  # noqa: E402 - found through the line above


@pytest.fixture
def told() -> ToldRun:
    return ToldRun()
