"""The files of an answer as they are found, with what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from practicum.plugins.answers.paths import PathRefusedError, checked_path
from practicum.text import printable

_MAY_BE_EMPTY = frozenset({"__init__.py", "py.typed", ".gitkeep", ".keep", "conftest.py"})

_LEFT_OUT = re.compile(
    r"^\s*(?:\#|//|/\*|<!--|--|;)\s*(?:\.{3}|…|\[|\()?\s*"
    r"(?:(?:the\s+)?(?:rest|remainder)\s+of\s+(?:the\s+|this\s+|your\s+)?(?:code|file|implementation|class|function|"
    r"module|methods?|tests?|original)\b"
    r"|(?:all\s+)?(?:the\s+)?(?:existing|previous|other|remaining|original)\s+(?:\w+\s+){0,3}"
    r"(?:unchanged|same|as\s+before|here|remains?|stays?)\b"
    r"|(?:same|unchanged)\s+as\s+(?:before|above)\b"
    r"|(?:code|file|implementation)\s+(?:\w+\s+)?(?:unchanged|omitted)\b)",
    re.IGNORECASE,
)
"""A comment that stands for code: `# ... rest of the file unchanged`."""

_MOST_FILES = 400
_LARGEST = 512 * 1024
"""Characters of one file."""


@dataclass(frozen=True)
class Parsed:
    """An answer, read."""

    files: dict[str, str] = field(default_factory=dict)
    """Path, relative and within the plugin's folder, to text with `\\n` at line ends."""
    problems: list[str] = field(default_factory=list)
    """What was refused or is wrong, in words that the model can act on."""
    truncated: bool = False
    """The answer breaks off: a fence, a tag or a JSON text is never closed."""
    ignored: list[str] = field(default_factory=list)
    """Blocks that name no file, by their language."""

    @property
    def usable(self) -> bool:
        """There are files, all of them whole, and nothing was refused."""
        return bool(self.files) and not self.problems and not self.truncated


class Collector:
    """Takes what was found, one file after another."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.problems: list[str] = []
        self.ignored: list[str] = []
        self.truncated = False

    def add(self, path: str, text: str, *, link: bool = False) -> None:
        """One file. `link` when the answer wants it to be a symbolic link, which is refused."""
        try:
            name = checked_path(path)
        except PathRefusedError as error:
            self.problem(str(error))
            return
        if link:
            self.problem(f"{name}: symbolic links are refused")
            return
        wrong = _wrong_with(text)
        if wrong:
            self.problem(f"{name}: {wrong}")
            return
        text = text if not text or text.endswith("\n") else f"{text}\n"
        if name in self.files:
            if self.files[name].strip() != text.strip():
                self.problem(f"{name} comes twice with different contents: give each file once")
            return
        if len(self.files) >= _MOST_FILES:
            self.problem(f"more than {_MOST_FILES} files")
            return
        if not text.strip() and name.rpartition("/")[2] not in _MAY_BE_EMPTY:
            self.problem(f"{name} is empty")
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) < 300 and _LEFT_OUT.match(line):
                self.problem(f"{name}:{number}: {printable(line, 80)!r} stands for code: give the whole file")
                break
        self.files[name] = text

    def problem(self, text: str) -> None:
        """Something to tell; said once."""
        if text not in self.problems:
            self.problems.append(text)

    def done(self) -> Parsed:
        """What came of it."""
        names = set(self.files)
        for name in sorted(names):
            parts = name.split("/")
            for depth in range(1, len(parts)):
                above = "/".join(parts[:depth])
                if above in names:
                    self.problem(f"{above} is a file and, in {name}, a folder")
        if self.truncated:
            self.problem("the answer breaks off before its end: give whole files, fewer or shorter ones")
        elif not self.files and not self.problems:
            said = "code without a path" if self.ignored else "no files"
            self.problem(f"the answer holds {said}: write each file's path on the line above its fence")
        return Parsed(self.files, self.problems, self.truncated, self.ignored)


def _wrong_with(text: str) -> str:
    if len(text) > _LARGEST:
        return f"larger than {_LARGEST // 1024} KiB"
    if "\0" in text:
        return "holds a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "is not text: it holds half of a surrogate pair"
    return ""
