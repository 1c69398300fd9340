"""The keys that opening an environment takes: E2B's, a database's. From the shell, or from `--env-file` alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

_VARIABLES = {"e2b": "E2B_API_KEY"}
"""A key's name to its variable, where they differ."""


def environment_keys(env_file: Path | None) -> Callable[[str], str | None]:
    """Looks a key up by its name or its variable's; None where nobody set it. See docs/adr/0012.

    Raises:
        UsageError: the file cannot be read, or a line of it is no assignment.
    """
    found: Mapping[str, str]
    if env_file is None:
        found = os.environ
    else:
        from practicum.proctor.vault.env import read_env_file

        found = {name: line.value.reveal() for name, line in read_env_file(env_file).items()}
    return lambda name: found.get(_VARIABLES.get(name, name)) or None
