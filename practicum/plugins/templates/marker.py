"""The mark that code of a template carries where the specification does not say what it should do."""

from __future__ import annotations

from collections.abc import Mapping

from practicum.api.plugin import NOT_IMPLEMENTED

UNIMPLEMENTED = f"{NOT_IMPLEMENTED} the specification does not say how"
"""How the message of the `PluginError` of such a component begins. Whoever calls every declared component knows
by it that there is nothing behind the name; a job with such a component never succeeds."""


def unimplemented(files: Mapping[str, str]) -> list[str]:
    """The files, path to text, that still hold the mark."""
    return [path for path, text in files.items() if UNIMPLEMENTED in text]
