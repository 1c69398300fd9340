"""Whether somebody said one of some words, and meant it: whole words, whatever their case, and not denied."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

_BEFORE = 3
"""So many words before a keyword may deny it: "not yet fully resolved"."""

_DENIAL = re.compile(
    r"no|not|never|neither|nor|without|hardly|cannot|nothing|none|\w*n't|"
    r"(?:do|does|did|is|are|was|were|ca|could|wo|would|has|have|had|should|ai)nt",
    re.IGNORECASE,
)

_CLAUSE = re.compile(r"[.!?;:](?=\s|$)|[,—–()]|\s-\s|\n\s*\n|\n\s*(?=[-*•\d])|\bbut\b|\bhowever\b", re.IGNORECASE)
_WORD = re.compile(r"[\w']+")
_SENTENCE_END = re.compile(r"[.!?\n]")

_OPEN = re.compile(
    r"\b(?:if|unless|until|once|when|whether|how|why|would|should|must|want|wants|need|needs|expect|hope|hoping|wish)\b",
    re.IGNORECASE,
)
"""Before a keyword in its clause: it is wished for, asked or supposed, and did not happen yet."""
_INVERTED = re.compile(
    r"\s*(?:and |so )?(?:can|could|will|would|did|do|does|is|are|was|has|have|had|may)\b", re.IGNORECASE
)
_SAYS = re.compile(r"\b(?:say|tell you)\b", re.IGNORECASE)
_NEAR = 400
"""Characters before and after a keyword that are looked at."""
_MOST = 200
"""Times that a keyword stands in one message; who says it more often has been heard."""
_UNSPACED = 0x2E80
"""From here on scripts do not put spaces between words, so a keyword may stand anywhere."""


def said_word(text: str, keywords: Iterable[str], *, happened: bool = False) -> str | None:
    """The first of `keywords` that `text` says as a whole word and does not deny; None when it says none.

    "Not resolved", "isn't resolved" and "no solution" deny; a denial reaches three words far and not across a comma.
    With `happened`, words that are only asked for, wished or supposed do not count either: "I want this resolved",
    "when will it be resolved?", "if that helps". The rules of denial know English only.
    """
    plain = text.replace("’", "'")
    for keyword in keywords:
        for found in islice(_pattern(keyword).finditer(plain), _MOST):
            clause = _clause_before(plain, found.start())
            if _denied(clause, plain[found.end() :]):
                continue
            if happened and not keyword.casefold().startswith("thank") and _is_open(plain, clause, found.end()):
                continue
            return keyword
    return None


@lru_cache(maxsize=512)
def _pattern(keyword: str) -> re.Pattern[str]:
    words = keyword.replace("’", "'").split()
    if not words:
        return re.compile(r"(?!)")
    before = r"(?<!\w)" if _has_edge(words[0][0]) else ""
    after = r"(?!\w)" if _has_edge(words[-1][-1]) else ""
    return re.compile(before + r"\s+".join(re.escape(word) for word in words) + after, re.IGNORECASE)


def _has_edge(letter: str) -> bool:
    return letter.isalnum() and ord(letter) < _UNSPACED


def _clause_before(text: str, start: int) -> str:
    """What stands before a place, from the beginning of its clause."""
    head = text[max(0, start - _NEAR) : start]
    last = 0
    for found in _CLAUSE.finditer(head):
        last = found.end()
    return head[last:]


def _denied(clause: str, rest: str) -> bool:
    near = _WORD.findall(clause)[-_BEFORE:]
    for at, word in enumerate(near):
        if _DENIAL.fullmatch(word):
            if [next_word.casefold() for next_word in near[at + 1 : at + 2]] == ["only"]:
                continue  # "not only solved"
            # "I cannot thank you enough" says the opposite of what it denies.
            return re.match(r"\W+enough\b", rest, re.IGNORECASE) is None
    return False


def _is_open(text: str, clause: str, end: int) -> bool:
    if _SAYS.search(clause):
        return False  # "I want to say it is perfect"
    if _OPEN.search(clause):
        return True
    stop = _SENTENCE_END.search(text, end, end + _NEAR)
    return _INVERTED.match(clause) is not None and stop is not None and stop[0] == "?"
