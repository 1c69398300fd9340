"""What the pipeline keeps between iterations, and for how long."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

KEPT_S = 14 * 24 * 3600.0
"""An entry that nobody used for this long is removed."""


def default_cache() -> Path:
    """`$XDG_CACHE_HOME/practicum/plugins` (XDG Base Directory Specification)."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(configured) if configured.startswith("/") else Path("~/.cache").expanduser()
    return home / "practicum" / "plugins"


def entry(folder: Path, name: str, make: Callable[[Path], None]) -> Path:
    """The directory `name`, made by `make` when it is not there: whole, or not at all. Blocks.

    Two that make the same at once both succeed; one of them is kept. Its time of change says when it was last used.
    """
    target = folder / name
    if not target.is_dir():
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        draft = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
        try:
            draft.chmod(0o755)
            make(draft)
            draft.rename(target)
        except OSError:
            if not target.is_dir():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    os.utime(target)
    return target


def sweep(folder: Path, kept_s: float = KEPT_S) -> list[str]:
    """Remove what was not used for `kept_s` seconds; the names of what went. Blocks."""
    removed: list[str] = []
    if folder.is_dir():
        for item in folder.iterdir():
            if item.is_dir() and time.time() - item.stat().st_mtime > kept_s:
                shutil.rmtree(item, ignore_errors=True)
                removed.append(item.name)
    return removed
