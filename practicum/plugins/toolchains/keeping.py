"""Keeping what an iteration built."""

from __future__ import annotations

import shutil
from pathlib import Path


def kept(artifact: Path, folder: Path) -> Path:
    """A copy of what was built, in `dist` of the iteration's folder: whole, or not there."""
    target = folder / "dist"
    target.mkdir(exist_ok=True)
    draft = target / f".{artifact.name}"
    shutil.copyfile(artifact, draft)
    return draft.replace(target / artifact.name)
