from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for outside_kit
sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))  # for processes, canaries
pytest.register_assert_rewrite("outside_kit")
