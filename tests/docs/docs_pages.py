"""The documentation as data: pages, their marked examples, their links and headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_EXAMPLE = re.compile(r"<!-- test: ([^\n]+?) -->\n+```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A fenced block behind `<!-- test: KIND ARGUMENT -->`."""

    page: str
    line: int
    kind: str
    argument: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Every page for users: README and the pages of docs, without the decisions."""
    return [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


def all_pages() -> list[Path]:
    """The same with the decisions, CONTRIBUTING and the changelog."""
    return [*pages(), *sorted(DOCS.glob("adr/*.md")), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]


def examples(*kinds: str) -> list[Example]:
    """The marked examples of some kinds, in order."""
    found = []
    for page in pages():
        text = page.read_text()
        for match in _EXAMPLE.finditer(text):
            kind, _, argument = match[1].partition(" ")
            line = text[: match.start()].count("\n") + 1
            if kind in kinds:
                found.append(Example(page.name, line, kind, argument, match[2], match[3]))
    return found


def marks() -> list[str]:
    """The kind of every mark, whether a fenced block follows it or not."""
    return [hit for page in pages() for hit in re.findall(r"<!-- test: (\w+)", page.read_text())]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text())


def links(page: Path) -> list[str]:
    """The targets of a page's links."""
    return _LINK.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(prose(page)))
    return {heading.strip().replace(" ", "-") for heading in plain}


def mentions(text: str, name: str) -> bool:
    """Whether a name stands in code marks, alone or as a whole word of what is between them."""
    inside = "\n".join(re.findall(r"`([^`\n]+)`", text))
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", inside) is not None
