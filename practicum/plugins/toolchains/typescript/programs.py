"""Finding node and npm, which do not come with Practicum."""

from __future__ import annotations

import shutil
from pathlib import Path

from practicum.errors import InfrastructureError

INSTALL_NODE = "apt-get install -y nodejs npm   (node 20.11 or later)"
OLDEST = (20, 11)


def program(name: str) -> Path:
    """The full path of `node` or `npm`, from PATH.

    Raises:
        InfrastructureError: it is not installed; the hint is the line that installs it.
    """
    found = shutil.which(name)
    if found is None:
        raise InfrastructureError(
            f"plugins in TypeScript need {name}, which is not installed", hint=f"install it: {INSTALL_NODE}"
        )
    return Path(found)


def new_enough(said: str) -> bool:
    """Whether what `node --version` says is a version that we can use."""
    parts = said.strip().removeprefix("v").split(".")
    return len(parts) >= 2 and all(part.isdigit() for part in parts[:2]) and tuple(map(int, parts[:2])) >= OLDEST
