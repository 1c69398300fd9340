"""Asking a model: `llm_judge`."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from practicum.api.evaluator import Evidence, Finding, UndecidedError
from practicum.bus.events import Json
from practicum.scenarios.evaluators.agreement import agreement
from practicum.scenarios.evaluators.answer_schema import check_schema
from practicum.scenarios.evaluators.asking import ACTOR_FLAG, Answer, ask, judge_of, prompt_for, settings_for
from practicum.scenarios.evaluators.base import BaseEvaluator
from practicum.scenarios.evaluators.expected import Expectation, read_expected
from practicum.scenarios.evaluators.judging import Judging, question_about, question_of_checklist, question_of_schema
from practicum.scenarios.schema.parts import Milliseconds, Seconds, wrong

_AT_A_TIME = 4


def _expected(value: Any) -> Any:
    """`expected: yes` is a boolean in YAML, `expected: 0.8` a number; both are kept as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not a score")
    return str(value) if isinstance(value, int | float) else value


class LlmJudge(BaseEvaluator, type="llm_judge", kind="text"):
    """A model answers a question about what happened as it is expected.

    It is shown what happened as data and not told what is expected. With `capabilities` each of them has to hold too.
    """

    prompt: str = Field(min_length=1, max_length=20_000)
    expected: Annotated[str, BeforeValidator(_expected)] = "yes"
    """`yes`, `no`, `0.8+`, `0.3-`, `0.8-1.0`, `>=0.8`, the name of a level, or what is expected in words."""
    levels: tuple[str, ...] = ()
    """From worst to best; `expected` names the least that is enough. One of `fail`, `partial`, `pass` needs none."""
    capabilities: tuple[str, ...] = Field(default=(), max_length=50)
    """Each is answered by itself."""
    capabilities_threshold: float | None = Field(default=None, gt=0, le=1)
    """So large a share of them is enough; all of them when left out."""
    json_schema: dict[str, Any] | None = None
    """The form of the judge's answer; the judge's own answer is validated against it."""
    model: str = ""
    """`anthropic/NAME` or `openai/NAME`; the run's judge when left out."""
    model_type: str = ""
    """A class of models, from older files. It has no effect: there is one judge."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, gt=0)
    timeout: Seconds | None = None
    timeout_ms: Milliseconds | None = None
    """The same, as older files write it: a bare number is milliseconds."""
    repeat: int | None = Field(default=None, ge=1, le=25)
    """How often it is asked; the majority counts. The scenario's `judge.repeat` when left out."""

    @property
    def needs_judge(self) -> bool:
        return True

    @property
    def expectation(self) -> Expectation:
        """What `expected` means."""
        return read_expected(self.expected, self.levels)

    @model_validator(mode="after")
    def _makes_sense(self) -> LlmJudge:
        if len(self.levels) == 1 or len({level.lower() for level in self.levels}) != len(self.levels):
            raise wrong(("levels",), "levels are at least two, all different")
        if self.levels and "expected" not in self.model_fields_set:
            self.expected = self.levels[-1]
        try:
            read_expected(self.expected, self.levels)
        except ValueError as error:
            raise wrong(("expected",), f"{error}, got {self.expected!r}") from error
        if self.json_schema is not None:
            try:
                check_schema(self.json_schema)
            except ValueError as error:
                raise wrong(("json_schema",), str(error)) from error
        return self

    def echoed_by(self, words: str) -> bool:
        """Where every answer of the judge's is as expected: then no words fail it."""
        return self.expectation.certain and not self.capabilities

    async def evaluate(self, evidence: Evidence) -> Finding:
        judge_of(evidence, self.model)
        times = self.repeat or int(evidence.settings.get("judge", {}).get("repeat", 1))
        slots = asyncio.Semaphore(_AT_A_TIME)

        async def once() -> Judging:
            async with slots:
                return await self._judge(evidence)

        judgings = await _gathered([once() for _ in range(times)])
        return self._finding(judgings)

    async def _judge(self, evidence: Evidence) -> Judging:
        """Ask once: in one question, or in two where the form of the first is the scenario's own."""
        settings = settings_for(
            evidence,
            model=self.model,
            temperature=self.temperature,
            timeout_s=self.timeout if self.timeout is not None else self.timeout_ms,
            max_tokens=self.max_tokens,
        )
        if self.json_schema is None:
            question = question_about(self.prompt, self.expectation, self.capabilities)
            return _with_words(await ask(evidence, question, settings), prompt_for(evidence, question))
        question = question_of_schema(self.prompt, self.expectation, self.json_schema)
        judging = _with_words(await ask(evidence, question, settings), prompt_for(evidence, question))
        if self.capabilities:
            checklist = question_of_checklist(self.capabilities)
            more = _with_words(await ask(evidence, checklist, settings), prompt_for(evidence, checklist))
            judging.items, judging.prompts = more.items, [*judging.prompts, *more.prompts]
            judging.raw, judging.events = [*judging.raw, *more.raw], [*judging.events, *more.events]
        return judging

    def _finding(self, judgings: Sequence[Judging]) -> Finding:
        expectation = self.expectation
        first = judgings[0]
        agreed = agreement([judging.category for judging in judgings])
        details: dict[str, Json] = {
            "expected": self.expected,
            "answer": first.category if len(judgings) == 1 else {**Counter(judging.category for judging in judgings)},
            "reasons": [judging.reason for judging in judgings],
            "agreement": agreed.as_json(),
            "model": first.model,
            "is_actor": any(judging.is_actor for judging in judgings),
            "prompt": first.prompts[0] if len(first.prompts) == 1 else [*first.prompts],
            "answers": [text for judging in judgings for text in judging.raw],
        }
        if details["is_actor"]:
            details["flag"] = ACTOR_FLAG
        events = tuple(event for judging in judgings for event in judging.events)
        holds = _majority([judging.holds for judging in judgings], details)
        said = _said(judgings, expectation)
        missing: list[str] = []
        if self.capabilities:
            votes = [[judging.items[at] for judging in judgings] for at in range(len(self.capabilities))]
            kept = [_majority(one, details) for one in votes]
            missing = [text for text, there in zip(self.capabilities, kept, strict=True) if not there]
            details["capabilities"] = dict(zip(self.capabilities, kept, strict=True))
            share = (len(kept) - len(missing)) / len(kept)
            enough = share >= (self.capabilities_threshold if self.capabilities_threshold is not None else 1.0)
            said += f", {len(kept) - len(missing)} of {len(kept)} capabilities"
            said += f", not: {'; '.join(missing)}" if missing else ""
            holds = holds and enough
        if len(judgings) > 1:
            said += f" ({agreed.share:.0%} of {len(judgings)} judgings agree)"
        if details["is_actor"]:
            said += f"; {ACTOR_FLAG}"
        return Finding(holds, said, events, details)


async def _gathered(waiting: Sequence[Any]) -> list[Judging]:
    """All of them; the first error where there are some."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in waiting]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]


def _with_words(answer: Answer[Judging], prompt: str) -> Judging:
    judging = answer.value
    judging.model, judging.is_actor = answer.model, answer.is_actor
    judging.prompts, judging.raw, judging.events = [prompt], answer.raw, answer.events
    return judging


def _majority(votes: Sequence[bool], details: dict[str, Json]) -> bool:
    """What more than half say.

    Raises:
        UndecidedError: as many say one as the other.
    """
    for_it = sum(votes)
    if 2 * for_it == len(votes):
        raise UndecidedError(f"the judge is split: {for_it} of {len(votes)} judgings say so", details)
    return 2 * for_it > len(votes)


def _said(judgings: Sequence[Judging], expectation: Expectation) -> str:
    """What the judge said, beside what was expected."""
    scores = [judging.score for judging in judgings if judging.score is not None]
    if scores:
        value = f"{scores[0]:g}" if len(scores) == 1 else f"{min(scores):g} to {max(scores):g}"
        return f"the judge gave {value}, expected {expectation.bounds}"
    answer = Counter(judging.category for judging in judgings).most_common(1)[0][0]
    if expectation.kind == "words":
        return f"the judge says it {'is' if answer == 'yes' else 'is not'} as expected: {expectation.text[:120]}"
    least = " or better" if expectation.kind == "level" else ""
    return f"the judge said {answer}, expected {expectation.text}{least}"
