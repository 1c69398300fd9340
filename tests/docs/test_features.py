"""Each numbered feature has a section with an example, and a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs_pages import DOCS, ROOT

ROWS = re.findall(
    r"^\| ([AB]\d+) \| .+ \| \[[^\]]+\]\(([\w-]+\.md)#([\w-]+)\) \| `([\w/]+\.py)` `(test_\w+)` \|$",
    (DOCS / "features.md").read_text(),
    re.MULTILINE,
)


def section(page: Path, anchor: str) -> str:
    """The text below a heading, up to the next one of its rank or a higher one."""
    text = page.read_text()
    for match in re.finditer(r"^(#+) (.+)$", text, re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", match[2].lower()).strip().replace(" ", "-")
        if plain == anchor:
            rest = text[match.end() :]
            following = re.search(rf"^#{{1,{len(match[1])}}} ", rest, re.MULTILINE)
            return rest[: following.start()] if following else rest
    return ""


def test_every_number_is_there_once() -> None:
    told = [row[0] for row in ROWS]
    assert told == [f"A{number}" for number in range(1, 61)] + [f"B{number}" for number in range(1, 31)]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_feature_is_told_with_an_example_and_held_by_a_test(row: tuple[str, str, str, str, str]) -> None:
    _, page, anchor, file, test = row
    told = section(DOCS / page, anchor)
    assert told, f"{page}#{anchor} is not there"
    runnable = "<!-- test: " in (DOCS / page).read_text()
    assert "```" in told or "`practicum " in told or runnable, f"{page}#{anchor} has no example"
    assert re.search(rf"^ *(async )?def {test}\(", (ROOT / "tests" / file).read_text(), re.MULTILINE)
