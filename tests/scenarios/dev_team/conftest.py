"""The scenario's folder, and its product as the agents put it together."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from practicum.models.script import load_scripts

SCENARIO = Path(__file__).resolve().parents[3] / "scenarios" / "dev-team"

Build = Callable[..., "Checkout"]


@dataclass(frozen=True)
class Checkout:
    """The repository after some stages."""

    path: Path

    def python(self, *arguments: str, timeout: float = 50) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.path, timeout=timeout, capture_output=True, text=True,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip

    def tests(self) -> subprocess.CompletedProcess[str]:
        """Run the tests as the checks do."""
        return self.python("-m", "unittest", "discover")


@pytest.fixture
def scenario() -> Path:
    return SCENARIO


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Lay stages over one another, the later ones on top."""

    def build(*stages: str) -> Checkout:
        target = tmp_path / "-".join(stages)
        for stage in stages:
            folder = SCENARIO / "product" / stage
            assert folder.is_dir(), f"there is no stage {stage}"
            shutil.copytree(folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        return Checkout(target)

    return build


@pytest.fixture
def oracle() -> dict[str, ModuleType]:
    """The modules of the oracle's scripts, by their last name."""
    load_scripts(SCENARIO / "teams" / "oracle.py")
    prefix = "_oracle."
    return {name.removeprefix(prefix): module for name, module in sys.modules.items() if name.startswith(prefix)}
