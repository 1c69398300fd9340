"""Conversations for tests, and a judge that reads what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from practicum.api.evaluator import Counsel, TurnView
from practicum.errors import ModelError


def turns(*said: tuple[str, str]) -> list[TurnView]:
    """User's and agent's words of each turn."""
    return [TurnView(number, user, agent, 1.0) for number, (user, agent) in enumerate(said, 1)]


@dataclass
class Asked:
    system: str
    prompt: str
    model: str
    temperature: float | None
    max_tokens: int | None


@dataclass
class FixedJudge:
    """Answers what a function of the question says; an empty answer is a model that does not answer."""

    answer: Callable[[str], str]
    own: str = "anthropic/judge"
    asked: list[Asked] = field(default_factory=list)

    def name(self, model: str = "") -> str:
        return model or self.own

    async def ask(
        self,
        system: str,
        prompt: str,
        *,
        model: str = "",
        temperature: float | None = None,
        max_tokens: int | None = None,
        timeout_s: float | None = None,
    ) -> Counsel:
        assert timeout_s is not None
        self.asked.append(Asked(system, prompt, model, temperature, max_tokens))
        text = self.answer(prompt)
        if not text:
            raise ModelError("it does not answer")
        return Counsel(text, self.name(model), 0.1)


def judge_that_says(text: str) -> FixedJudge:
    return FixedJudge(lambda prompt: text)
