"""The questions that `llm_judge` asks, and what one answer comes to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from practicum.bus.events import Json
from practicum.scenarios.evaluators.answer_schema import asked_beside, need_level, read_by
from practicum.scenarios.evaluators.asking import Object, Question, need_score, need_yes_or_no
from practicum.scenarios.evaluators.expected import Expectation


@dataclass
class Judging:
    """What came of asking once."""

    category: str
    """`yes`, `no`, a level, or for a score whether it is `within` what is expected or `outside`."""
    holds: bool
    """Whether it is as expected."""
    reason: str = ""
    score: float | None = None
    items: list[bool] = field(default_factory=list)
    """Of the capabilities, in their order."""
    model: str = ""
    is_actor: bool = False
    prompts: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


def question_about(prompt: str, expectation: Expectation, capabilities: Sequence[str]) -> Question[Judging]:
    """The author's question, in the form that the kind of expectation needs, with the list of capabilities."""
    text = prompt
    if expectation.kind == "words":
        text = f"{prompt}\n\nexpected: {expectation.text}"
    form = f'"reason": one or two sentences, {_decision(expectation, "answer")}'
    if capabilities:
        text += f"\n\n{_listed(capabilities)}"
        form += f", {_CHECKLIST.format(last=len(capabilities))}"
    return Question(text, f"{{{form}}}", partial(_read, expectation, len(capabilities)))


def _decision(expectation: Expectation, name: str) -> str:
    """The property that says what the judge decides; `name` is that of a yes or a no."""
    forms = {
        "answer": f'"{name}": "yes" or "no" (to a request to evaluate something: "yes" if it was done well)',
        "score": '"score": a number from 0 (not at all) to 1 (fully)',
        "words": f'"{name}": "yes" if what happened is as described under "expected", else "no"',
        "level": f'"level": one of {json.dumps([*expectation.levels], ensure_ascii=False)}, from worst to best',
    }
    return forms[expectation.kind]


def question_of_schema(prompt: str, expectation: Expectation, schema: Mapping[str, Any]) -> Question[Judging]:
    """The author's question, in a form of the author's own."""
    text = f"{prompt}\n\nexpected: {expectation.text}" if expectation.kind == "words" else prompt
    form = f"valid against this JSON Schema:\n{json.dumps(schema, ensure_ascii=False)}"
    if beside := asked_beside(schema, expectation):
        form += f"\nand besides, in the same object: {_decision(expectation, beside)}"

    def read(answer: Object) -> Judging:
        reason = next((str(answer[name]) for name in ("reasoning", "reason", "explanation") if name in answer), "")
        return _judged(expectation, read_by(schema, expectation, answer), reason)

    return Question(text, form, read)


def question_of_checklist(capabilities: Sequence[str]) -> Question[Judging]:
    """The capabilities alone."""
    form = f"{{{_CHECKLIST.format(last=len(capabilities))}}}"

    def read(answer: Object) -> Judging:
        return Judging("yes", True, items=_items(answer, len(capabilities)))

    return Question(_listed(capabilities), form, read)


_CHECKLIST = (
    '"capabilities": {{"1": {{"reason": one sentence, "holds": "yes" or "no"}}, and so on for each up to "{last}"}}'
)


def _listed(capabilities: Sequence[str]) -> str:
    lines = "\n".join(f"{number}. {text}" for number, text in enumerate(capabilities, 1))
    return f"Judge also each of these by itself, whether it holds for the agent:\n{lines}"


def _read(expectation: Expectation, items: int, answer: Object) -> Judging:
    value: bool | float | str
    if expectation.kind == "score":
        value = need_score(answer.get("score"))
    elif expectation.kind == "level":
        value = need_level(answer.get("level"), expectation.levels)
    else:
        value = need_yes_or_no(answer.get("answer"), "the answer")
    judging = _judged(expectation, value, str(answer.get("reason", "")))
    judging.items = _items(answer, items) if items else []
    return judging


def _judged(expectation: Expectation, value: bool | float | str, reason: str) -> Judging:
    if isinstance(value, bool):
        said = "yes" if value else "no"
        return Judging(said, said == expectation.answer, reason)
    if isinstance(value, str):
        return Judging(value, expectation.levels.index(value) >= expectation.level, reason)
    within = expectation.score_holds(value)
    return Judging("within" if within else "outside", within, reason, value)


def _items(answer: Object, count: int) -> list[bool]:
    """Whether each capability holds.

    Raises:
        ValueError: one is missing, or says neither yes nor no.
    """
    given: Json = answer.get("capabilities")
    if not isinstance(given, dict):
        raise ValueError("capabilities have to be an object with a number for each")  # noqa: TRY004 - of the answer's form
    found = []
    for number in range(1, count + 1):
        item = given.get(str(number))
        held = item.get("holds") if isinstance(item, dict) else item
        found.append(need_yes_or_no(held, f"capability {number}"))
    return found
