"""An answer, line by line: fences, tags, JSON, diffs, and prose between them."""

from __future__ import annotations

import re

from practicum.plugins.answers.fences import Fence, fence, read_block
from practicum.plugins.answers.naming import fits, from_comment, from_info, from_line, language_of
from practicum.plugins.answers.parsed import Collector, Parsed
from practicum.plugins.answers.structured import begins_as_files, load, take_json, take_value

_LONGEST = 4 * 1024 * 1024
"""Characters of an answer."""

_TAG = re.compile(
    r"^\s*<(?P<tag>file|code_file|source_file|document|artifact|boltAction|write_file|create_file)\b(?P<attributes>[^>]*)>",
    re.IGNORECASE | re.MULTILINE,
)
_ATTRIBUTE = re.compile(
    r"""\b(?:path|file_?path|filename|name|file|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I
)
_DATA = frozenset({"json", "jsonc", "json5"})
_DIFFS = frozenset({"diff", "patch", "udiff"})
_MARKDOWN = (".md", ".mdx", ".markdown", ".rst")


def parse(text: str) -> Parsed:
    """Files from a model's answer. Never raises, whatever the text is.

    A path is taken from the info string, else from the line above the fence, else from the first comment.
    """
    into = Collector()
    if len(text) > _LONGEST:
        into.problem(f"the answer is longer than {_LONGEST // 1024 // 1024} MiB")
        return into.done()
    text = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
    stripped = text.strip()
    if stripped.startswith(("{", "[")):
        value = load(stripped)
        if value is not None:
            take_value(value, into)
            return into.done()
        if begins_as_files(stripped):
            _take_cut_json(stripped, into)
            return into.done()
    _Lines(text.split("\n"), into).read()
    return into.done()


def _take_cut_json(text: str, into: Collector) -> None:
    """Begun as a map of files: either prose follows it, or it breaks off."""
    import json

    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        into.truncated = True
        return
    take_value(value, into)


class _Lines:
    """Goes through the lines of an answer."""

    def __init__(self, lines: list[str], into: Collector) -> None:
        self._lines = lines
        self._into = into
        self._above = ""
        self._blanks = 0

    def read(self) -> None:
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            opening = fence(line)
            tag = _TAG.match(line) if opening is None and "<" in line else None
            if opening is not None:
                at = self._block(at, opening)
            elif tag is not None and _path_of(tag["attributes"]) is not None:
                at = self._tagged(at, tag)
            elif self._diff_begins(at):
                self._refuse_diff()
                at = self._after_diff(at)
            else:
                self._remember(line)
                at += 1

    def _remember(self, line: str) -> None:
        if line.strip():
            self._above, self._blanks = line, 0
        else:
            self._blanks += 1

    def _take_above(self) -> str:
        above = self._above if self._blanks <= 1 else ""
        self._above, self._blanks = "", 0
        return above

    def _block(self, at: int, opening: Fence) -> int:
        language = language_of(opening.info)
        above = self._take_above()
        path = from_info(opening.info) or (from_line(above, language) if above else "")
        markdown = path.endswith(_MARKDOWN) if path else language in ("markdown", "md")
        block = read_block(self._lines, at, opening, markdown=markdown)
        if not block.closed:
            self._into.truncated = True
            return block.end
        text = block.text
        if language in _DIFFS or _is_diff(text):
            self._refuse_diff()
        elif path:
            self._into.add(path, text)
        elif not (_may_be_data(text, language) and take_json(text, self._into)):
            self._unnamed(text, language)
        return block.end

    def _unnamed(self, text: str, language: str) -> None:
        """A block that nothing outside names: by its first comment, or because it holds tagged files, or not at all."""
        path, rest = from_comment(text)
        if path and (fits(language, path) or not language):
            self._into.add(path, rest)
            return
        before = len(self._into.files) + len(self._into.problems)
        if language in ("", "xml", "html", "text", "txt") and "<" in text and _TAG.search(text):
            _Lines(text.split("\n"), self._into).read()
        if len(self._into.files) + len(self._into.problems) == before:
            self._into.ignored.append(language or "text")

    def _tagged(self, at: int, tag: re.Match[str]) -> int:
        """`<file path="x.py">` up to the `</file>` on a line's end; CDATA or one fence around the text is taken off."""
        path = _path_of(tag["attributes"]) or ""
        self._take_above()
        closing = f"</{tag['tag']}>".lower()
        rest = self._lines[at][tag.end() :]
        if tag["attributes"].rstrip().endswith("/"):
            self._into.add(path, "")
            return at + 1
        body: list[str] = []
        for below in range(at, len(self._lines)):
            line = rest if below == at else self._lines[below]
            if line.rstrip().lower().endswith(closing):
                body.append(line.rstrip()[: -len(closing)])
                self._into.add(path, _unwrapped("\n".join(body)))
                return below + 1
            body.append(line)
        self._into.truncated = True
        return len(self._lines)

    def _diff_begins(self, at: int) -> bool:
        line = self._lines[at]
        if line.startswith("diff --git "):
            return True
        return line.startswith("--- ") and at + 1 < len(self._lines) and self._lines[at + 1].startswith("+++ ")

    def _after_diff(self, at: int) -> int:
        at += 1
        while at < len(self._lines) and self._lines[at][:1] in ("+", "-", " ", "@", "\\") and self._lines[at]:
            at += 1
        return at

    def _refuse_diff(self) -> None:
        self._into.problem("a diff is not taken, since it may not fit: give each file as a whole")


def _path_of(attributes: str) -> str | None:
    found = _ATTRIBUTE.search(attributes)
    return next((part for part in found.groups() if part is not None), "") if found else None


def _may_be_data(text: str, language: str) -> bool:
    return language in _DATA or (not language and text.lstrip().startswith(("{", "[")))


def _is_diff(text: str) -> bool:
    """Whether a text is a unified diff and nothing else."""
    head = text.lstrip("\n").split("\n", 4)
    return head[0].startswith("diff --git ") or (
        len(head) > 2 and head[0].startswith("--- ") and head[1].startswith("+++ ") and head[2].startswith("@@")
    )


def _unwrapped(text: str) -> str:
    text = text.removeprefix("\n")
    bare = text.strip()
    if bare.startswith("<![CDATA[") and bare.endswith("]]>"):
        return bare[9:-3].removeprefix("\n")
    lines = bare.split("\n")
    first, last = fence(lines[0]), fence(lines[-1])
    if len(lines) > 1 and first is not None and last is not None and last.closes(first):
        return "\n".join(lines[1:-1])
    return text
