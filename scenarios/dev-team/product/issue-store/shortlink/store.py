"""Links in a file: one JSON object a line, the last line of a code counts."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from shortlink.links import Link


class FileStore:
    """Appends; what was written before is never touched, so a crash can only lose the line that was being written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def load(self) -> Iterable[Link]:
        """Every link, as it was saved last. A line that was not finished is left out."""
        found: dict[str, Link] = {}
        text = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                link = Link(**json.loads(line))
            except (ValueError, TypeError):
                if number == len(lines):
                    self._path.write_text(text[: -len(line)], encoding="utf-8")
                    break
                raise ValueError(f"{self._path}:{number}: this is not a link") from None
            found[link.code] = link
        return found.values()

    def save(self, link: Link) -> None:
        """Write a link as it is now."""
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(link)) + "\n")
