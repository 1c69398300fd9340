"""Under which name the vault keeps the secret of a plugin's environment variable."""

from __future__ import annotations

import re

from practicum.errors import UsageError

_VARIABLE = re.compile(r"^[A-Z][A-Z0-9_]{0,56}$")

FAMILY = "plugin/"
"""How the names of all of them begin; no key of a service does."""


def is_variable(name: str) -> bool:
    """Whether a name is that of an environment variable, such as WEATHER_TOKEN."""
    return _VARIABLE.match(name) is not None


def variable_secret(variable: str) -> str:
    """`WEATHER_TOKEN` is `plugin/weather_token`.

    Raises:
        UsageError: it is no variable's name, or too long for one of a secret.
    """
    if not is_variable(variable):
        hint = "upper case, such as API_TOKEN, at most 57 characters"
        raise UsageError(f"{variable!r} is not a variable's name", hint=hint)
    return FAMILY + variable.lower()
