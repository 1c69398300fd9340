"""A job's log: everything that its steps said, with the middle left out when it is long."""

from __future__ import annotations

MAX_CHARACTERS = 64 * 1024


class JobLog:
    """Collects lines in order; the beginning and the end are kept."""

    def __init__(self, maximum: int = MAX_CHARACTERS) -> None:
        self._maximum = maximum
        self._parts: list[str] = []
        self._size = 0

    def line(self, text: str) -> None:
        """One line of our own."""
        self._add(text + "\n")

    def output(self, text: str) -> None:
        """What a process wrote."""
        if text:
            self._add(text if text.endswith("\n") else text + "\n")

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._size += len(text)
        if self._size > 8 * self._maximum:
            self._parts = [cut(self.text(), 4 * self._maximum)]
            self._size = len(self._parts[0])

    def text(self) -> str:
        """The whole log, cut to its maximum."""
        return cut("".join(self._parts), self._maximum)


def cut(text: str, maximum: int) -> str:
    """At most about `maximum` characters: a quarter from the beginning, the rest from the end, and a word about it."""
    if len(text) <= maximum:
        return text
    head, tail = maximum // 4, maximum - maximum // 4
    return f"{text[:head]}\n[... {len(text) - head - tail} characters left out ...]\n{text[-tail:]}"
