"""Looking at what agents wrote. What the user or the scenario said is never looked at."""

from __future__ import annotations

import contextlib
import unicodedata
from typing import Any

from pydantic import Field, model_validator

from practicum.api.evaluator import Evidence, Finding
from practicum.errors import InfrastructureError
from practicum.scenarios.evaluators.base import BaseEvaluator
from practicum.scenarios.evaluators.patterns import Expression, find, literal, search
from practicum.scenarios.evaluators.scope import Output, only_code, text_of

_SHOWN = 80


class StringContains(BaseEvaluator, type="string_contains", kind="text"):
    """The agents wrote some words, or a code step printed them."""

    value: str = Field(min_length=1)
    case_sensitive: bool = False
    agent: str = ""
    of: Output = ""
    """Of a code step: `stdout` when left out."""

    async def evaluate(self, evidence: Evidence) -> Finding:
        there = self._holds(text_of(evidence, self.agent, self.of))
        who = _who(evidence)
        return Finding(there, f"{who} {'wrote' if there else 'never wrote'} {self.value!r}")

    def echoed_by(self, words: str) -> bool:
        return any(self._holds(text) for told in _repeated(words) for text in (told, " ".join(told.split())))

    def _holds(self, text: str) -> bool:
        if self.case_sensitive:
            return self.value in text
        return self.value.casefold() in text.casefold()


class RegexMatch(BaseEvaluator, type="regex_match", kind="text"):
    """The agents wrote something that fits a pattern, or a code step printed it."""

    pattern: Expression = Field(min_length=1)
    """Of Python's `re`; what JavaScript writes otherwise is understood, and so is `/.../i`."""
    flags: str = Field(default="", pattern="^[dgimsuvy]*$")
    """`i`, `m` and `s`; JavaScript's others change nothing."""
    agent: str = ""
    of: Output = ""
    """Of a code step: `stdout` when left out."""

    @model_validator(mode="before")
    @classmethod
    def _javascript(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("pattern"), str):
            pattern, flags = literal(value["pattern"])
            if pattern != value["pattern"]:
                given = value.get("flags", "")
                return {**value, "pattern": pattern, "flags": f"{given}{flags}" if isinstance(given, str) else given}
        return value

    async def evaluate(self, evidence: Evidence) -> Finding:
        text = text_of(evidence, self.agent, self.of)
        found = await find(self.pattern, text, self.flags)
        if found is None:
            said = f"nothing that {_who(evidence)} wrote fits {self.pattern!r}"
            if "i" not in self.flags:
                with contextlib.suppress(InfrastructureError):  # it takes too long: then that much is not said
                    if await find(self.pattern, text, f"{self.flags}i") is not None:
                        said += ", but for small and capital letters (flags: i)"
            return Finding(False, said)
        return Finding(True, f"matched {found[0][:_SHOWN]!r}")

    def echoed_by(self, words: str) -> bool:
        """Also a line of them alone, where the pattern asks for a beginning or an end."""
        texts = [text for told in _repeated(words) for text in (told, *told.splitlines())]
        return any(search(self.pattern, text, self.flags) for text in dict.fromkeys(texts))


def _repeated(words: str) -> list[str]:
    """Words as somebody repeats them: as they stand, and without the space around their lines.

    A model composes letters (é of one character) that a file may have in two.
    """
    found = [words]
    for text in (words, unicodedata.normalize("NFC", words)):
        found.append("\n".join(line.strip() for line in text.strip().splitlines()))
    return list(dict.fromkeys(found))


def _who(evidence: Evidence) -> str:
    return "the code" if only_code(evidence) else "the agents"
