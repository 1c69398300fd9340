"""Regular expressions: checked when they are read, bounded when they are used, JavaScript's understood."""

from __future__ import annotations

import time

import pytest
from evaluated_run import EvaluatedRun
from pydantic import ValidationError

from practicum.errors import InfrastructureError
from practicum.scenarios.evaluators import read_evaluator
from practicum.scenarios.evaluators.patterns import compiled, search


async def fits(run: EvaluatedRun, text: str, pattern: str, flags: str = "") -> bool:
    run.step("input", text=text)
    return (await run.look("regex_match", pattern=pattern, flags=flags)).passed


@pytest.mark.parametrize(
    ("pattern", "flags", "text"),
    [
        (r"\b(refund|credit|resolve)\b", "", "we will refund it"),
        ("REFUND", "gi", "we will refund it"),
        ("/REFUND/i", "", "we will refund it"),
        ("/REFUND/", "i", "we will refund it"),
        (r"/a\/b[/]/", "", "a/b/"),
        ("/^two$/m", "", "one\ntwo"),
        ("one.two", "s", "one\ntwo"),
        (r"(?<year>\d{4})-\k<year>", "", "2026-2026"),
        (r"(?<!\w)tea+(?= )", "u", "teaaa "),
        (r"a[^]*z", "", "a\nz"),
        (r"x|[]", "", "x"),
        (r"\u{1F600}", "u", "\U0001f600"),
        (r"\cJ", "", "\n"),
        (r"^\p{Lu}", "u", "Émile"),
        (r"(?P<a>x)(?P=a)", "", "xx"),
        (r"(?i)refund", "", "REFUND"),
        ("/health", "", "GET /health"),
        ("/a/b/", "", "GET /a/b/c"),
    ],
)
async def test_both_dialects_are_understood(team_run: EvaluatedRun, pattern: str, flags: str, text: str) -> None:
    assert await fits(team_run, text, pattern, flags)
    assert not await fits(team_run, "", pattern, flags)


@pytest.mark.parametrize(
    "pattern",
    ["(", "a**", "[a", r"\k<name>", "(?<x>a)(?<x", r"\p{Nonsense}", "((a{1000}){1000}){1000}", "a" * 5000, "(" * 3000],
)
def test_what_is_no_pattern_or_too_large_a_one_is_refused_when_it_is_read(pattern: str) -> None:
    for entry in ({"type": "regex_match", "pattern": pattern}, {"type": "release_published", "tag": pattern}):
        with pytest.raises(ValidationError, match="regular expression"):
            read_evaluator(entry)


def test_unknown_flags_are_refused() -> None:
    with pytest.raises(ValidationError, match="flags"):
        read_evaluator({"type": "regex_match", "pattern": "a", "flags": "q"})


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$"])
def test_a_pattern_that_would_never_end_ends(pattern: str) -> None:
    begun = time.monotonic()
    with pytest.raises(InfrastructureError, match="was tried for 2 s"):
        search(pattern, "a" * 3000 + "?")
    assert time.monotonic() - begun < 40


def test_the_same_letters_mean_what_they_mean_in_python() -> None:
    assert compiled("a{,2}b").fullmatch("aab")
    assert compiled(r"\d").search("٣")
    assert compiled("x$").search("x\n")
