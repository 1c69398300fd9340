"""Fenced blocks: where they begin and end, also when one lies in another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from practicum.plugins.answers.naming import is_header

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})(?P<info>.*)$")


@dataclass(frozen=True, slots=True)
class Fence:
    """A line that opens or closes a block."""

    indent: str
    marks: str
    info: str

    def closes(self, opening: Fence) -> bool:
        """As CommonMark 0.31 has it (section 4.5), except that any indentation will do."""
        return not self.info and self.marks[0] == opening.marks[0] and len(self.marks) >= len(opening.marks)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    info: str
    text: str
    end: int
    """Index of the first line after it."""
    closed: bool


def fence(line: str) -> Fence | None:
    """The fence on a line."""
    if "```" not in line and "~~~" not in line:
        return None
    found = _FENCE.match(line)
    if found is None or ("`" in found["info"] and found["marks"][0] == "`"):
        return None
    return Fence(found["indent"], found["marks"], found["info"].strip())


def read_block(lines: Sequence[str], start: int, opening: Fence, *, markdown: bool) -> Block:
    """The block that line `start` opens.

    A line such as ```` ```python ```` in it opens an inner block, which its own end closes, since models forget to make
    the outer fence longer. `markdown` also lets a bare fence open one, where it stands as an opening does: a blank line
    before it and none after.
    """
    end = _end(lines, start, opening, markdown=markdown)
    if end is None:
        end = _plain_end(lines, start, opening)
    if end is None:
        return Block(opening.info, _text(lines[start + 1 :], opening), len(lines), closed=False)
    return Block(opening.info, _text(lines[start + 1 : end], opening), end + 1, closed=True)


def _end(lines: Sequence[str], start: int, opening: Fence, *, markdown: bool) -> int | None:
    inner: list[Fence] = []
    for at in range(start + 1, len(lines)):
        found = fence(lines[at])
        if found is None or found.marks[0] != opening.marks[0]:
            continue
        if inner:
            if found.closes(inner[-1]):
                inner.pop()
            elif found.info:
                inner.append(found)
        elif found.closes(opening):
            if not (markdown and _opens(lines, at) and _closed_later(lines, at, opening)):
                return at
            inner.append(found)
        elif found.info and len(found.marks) >= len(opening.marks):
            if not markdown and is_header(_above(lines, at)):
                return None  # the next file begins: this one was never closed
            inner.append(found)
    return None


def _plain_end(lines: Sequence[str], start: int, opening: Fence) -> int | None:
    """The first line that closes it, before another file begins."""
    for at in range(start + 1, len(lines)):
        found = fence(lines[at])
        if found is not None and found.closes(opening):
            return at
        if found is not None and found.info and is_header(_above(lines, at)):
            return None
    return None


def _opens(lines: Sequence[str], at: int) -> bool:
    blank_before = not lines[at - 1].strip() or lines[at - 1].rstrip().endswith(":")
    return blank_before and at + 1 < len(lines) and bool(lines[at + 1].strip())


def _closed_later(lines: Sequence[str], at: int, opening: Fence) -> bool:
    """Whether two more bare fences follow before the next file: one for the inner block, one for the outer."""
    left = 2
    for below in range(at + 1, len(lines)):
        found = fence(lines[below])
        if found is not None and found.closes(opening):
            left -= 1
            if not left:
                return True
        elif found is not None and found.info and is_header(_above(lines, below)):
            return False
    return False


def _above(lines: Sequence[str], at: int) -> str:
    """The line above, over one blank line."""
    if at and lines[at - 1].strip():
        return lines[at - 1]
    return lines[at - 2] if at > 1 else ""


def _text(lines: Sequence[str], opening: Fence) -> str:
    """Without the fence's own indentation."""
    width = len(opening.indent.expandtabs(4))
    if not width:
        return "\n".join(lines)
    return "\n".join(line[min(width, len(line) - len(line.lstrip(" \t"))) :] for line in lines)
