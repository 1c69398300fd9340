"""Keeping the values of variables out of everything that comes back from a plugin."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote, quote_plus

from pydantic import JsonValue

_SHORTEST = 4
"""Characters of a value that is looked for: one shorter is in every text, and says nothing there."""


class Redactor:
    """Puts `[NAME]` in the place of each value, in the forms in which programs write it.

    Looked for: as it is, JSON-escaped, URL-encoded, hexadecimal, and base64 at each of the three places where it may
    begin (RFC 4648, section 4). What a plugin scrambles on purpose passes: isolation, not this, keeps it from harm.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        forms: dict[str, str] = {}
        for name, value in values.items():
            if len(value) >= _SHORTEST:
                for form in _forms(value):
                    forms.setdefault(form, name)
        self._names = forms
        # The longest first, so that a value that holds another one is replaced as a whole.
        ordered = sorted(forms, key=len, reverse=True)
        self._any = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def text(self, text: str) -> str:
        """A text without them."""
        return text if self._any is None else self._any.sub(lambda hit: f"[{self._names[hit[0]]}]", text)

    def value(self, value: JsonValue) -> JsonValue:
        """JSON without them, in keys too."""
        if self._any is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        if isinstance(value, int | float) and not isinstance(value, bool):
            written = str(value)
            return value if self.text(written) == written else cast("JsonValue", self.text(written))
        return value


def _forms(value: str) -> set[str]:
    raw = value.encode()
    found = {value, json.dumps(value)[1:-1], quote(value, safe=""), quote_plus(value), raw.hex(), raw.hex().upper()}
    for before in range(3):
        after = -(before + len(raw)) % 3
        encoded = base64.b64encode(b"\0" * before + raw + b"\0" * after).decode()
        # Characters that depend on the neighbours too are left out.
        core = encoded[(0, 2, 3)[before] : len(encoded) - (0, 2, 3)[after]]
        if len(core) >= _SHORTEST:
            found |= {core, core.translate(str.maketrans("+/", "-_"))}
    return found
