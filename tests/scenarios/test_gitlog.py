"""What is read of a commit."""

from __future__ import annotations

import pytest

from practicum.scenarios.gitlog import is_test


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("tests/util.py", True),
        ("pkg/__tests__/a.js", True),
        ("test_links.py", True),
        ("src/links_test.go", True),
        ("web/links.test.ts", True),
        ("web/links.spec.ts", True),
        ("src/LinksTest.java", True),
        ("TESTING.md", False),
        ("latest.txt", False),
        ("docs/contest.md", False),
        ("testimonials/a.html", False),
        ("inspector.py", False),
        ("src/links.py", False),
    ],
)
def test_a_test_is_known_by_a_word_of_its_path(path: str, is_one: bool) -> None:
    assert is_test(path) is is_one
