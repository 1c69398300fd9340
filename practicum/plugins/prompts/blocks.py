"""Parts of prompts: texts in fences that they cannot break, cut where they are too long, and saying so."""

from __future__ import annotations

import re
from collections.abc import Mapping

FILE_LIMIT = 60_000
"""Characters of one file that a prompt holds."""
FILES_LIMIT = 240_000
"""Of all of them."""

_TICKS = re.compile(r"`{3,}")


def fenced(text: str, info: str = "") -> str:
    """The text in a fence that is longer than any in it."""
    longest = max((len(found) for found in _TICKS.findall(text)), default=2)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{info}\n{text.rstrip(chr(10))}\n{marks}"


def cut(text: str, limit: int) -> str:
    """The beginning and the end of a long text, with what is missing said between them."""
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    tail = limit - head
    return f"{text[:head]}\n[... {len(text) - head - tail} characters are left out here ...]\n{text[-tail:]}"


def files_block(files: Mapping[str, str]) -> str:
    """Every file with its path on the line above its fence, as the answer should be."""
    left = FILES_LIMIT
    parts = []
    for path, text in files.items():
        shown = cut(text, min(FILE_LIMIT, max(left, 500)))
        left -= len(shown)
        parts.append(f"`{path}`\n{fenced(shown, _language(path))}" if text else f"`{path}` (empty)")
    return "\n\n".join(parts)


def _language(path: str) -> str:
    return {"py": "python", "ts": "typescript", "md": "markdown"}.get(path.rpartition(".")[2], path.rpartition(".")[2])
