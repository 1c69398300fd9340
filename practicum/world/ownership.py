"""Handing directories to the user that sandboxes run as."""

from __future__ import annotations

import os
from pathlib import Path

NOBODY = 65534
"""The host user of a sandbox when we are root; see `SandboxSpec.uid`."""


def adopt(directory: Path) -> None:
    """Let the sandbox write below `directory`; without root it runs as ourselves and there is nothing to do.

    Links are changed themselves, never what they point to.
    """
    if os.geteuid() != 0:
        return
    os.chown(directory, NOBODY, NOBODY, follow_symlinks=False)
    for folder, folders, names in os.walk(directory, followlinks=False):
        for name in (*folders, *names):
            os.chown(Path(folder) / name, NOBODY, NOBODY, follow_symlinks=False)
