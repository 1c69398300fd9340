"""Recorded runs made by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from told_run import ToldRun


@pytest.fixture
def told() -> ToldRun:
    return ToldRun()
