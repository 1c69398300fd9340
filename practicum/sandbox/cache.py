"""Where a machine's sandboxes remember what was found out once."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def cache_directory() -> Path:
    """`$XDG_CACHE_HOME/practicum/sandbox`, private to us (XDG Base Directory Specification); made when missing.

    A home that cannot be written to has a directory of the same mode under the temporary directory instead.

    Raises:
        OSError: neither can be made, or what is there belongs to somebody else.
    """
    configured = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(configured) if configured.startswith("/") else Path("~/.cache").expanduser()
    try:
        return _private(home / "practicum" / "sandbox")
    except OSError:
        return _private(Path(tempfile.gettempdir()) / f"practicum-sandbox-{os.geteuid()}")


def _private(directory: Path) -> Path:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.stat(follow_symlinks=False)
    if found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PermissionError(1, "is not ours alone", str(directory))
    if not os.access(directory, os.W_OK):
        raise PermissionError(13, "cannot be written to", str(directory))
    return directory


def write_whole(file: Path, data: bytes, mode: int = 0o600) -> None:
    """Put a file there at once, so that no reader ever sees half of it."""
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        os.fchmod(descriptor, mode)
    Path(name).rename(file)
