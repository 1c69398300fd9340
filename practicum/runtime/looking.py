"""Looking at a run with its evaluators as it goes: after a turn, after a step, at its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from practicum.api.evaluator import Evaluator, Evidence, StepView, TurnView
from practicum.bus.events import Data, EvaluationCompleted
from practicum.runtime.verdict import evaluate
from practicum.scenarios.judgment import Evaluated
from practicum.scenarios.loader import Loaded

Group = tuple[str, Sequence[Evaluator]]
"""Where evaluators stand in the file, and which they are."""


class Gather(Protocol):
    """Makes what evaluators may look at: of the whole run, or of one step or turn of it."""

    def __call__(
        self, steps: Sequence[StepView], scope: StepView | None, turn: TurnView | None
    ) -> AbstractAsyncContextManager[Evidence]: ...


class Looker:
    """Keeps what was found, in the order in which it was looked."""

    def __init__(
        self,
        loaded: Loaded,
        whole: Sequence[Evaluator],
        gather: Gather,
        publish: Callable[[Data], Awaitable[str]],
        *,
        allow_weak: bool = False,
    ) -> None:
        self._loaded, self._whole, self._gather, self._publish = loaded, whole, gather, publish
        self._allow_weak = allow_weak
        self.found: list[Evaluated] = []
        self.steps: list[StepView] = []
        """Those that are over, in order of their end."""
        self._talked: set[int] = set()
        """Steps of which a turn was looked at."""

    async def after_turn(self, step: StepView, turn: TurnView) -> None:
        """A turn of a conversation is over; `step` is the conversation so far."""
        self._talked.add(step.index)
        await self._look(self._groups(step.index)[:1], step, turn, step.given)

    async def after_step(self, step: StepView) -> None:
        """A step is over."""
        self.steps.append(step)
        await self._look(self._groups(step.index)[1:], step, None, step.given)

    async def missed(self, why: str) -> None:
        """The run is over: what would have been looked at after steps that never came to their end has failed, and so
        has what would have been looked at after the turns of a conversation that had none.
        """
        done = {step.index for step in self.steps}
        for index in range(len(self._loaded.steps)):
            turns, *after = self._groups(index)
            missing = [*([turns] if index not in self._talked else []), *(after if index not in done else [])]
            for place, evaluators in missing:
                for number, evaluator in enumerate(evaluators):
                    await self._never(index, f"{place}[{number}]", evaluator, why)

    async def at_the_end(self) -> None:
        """The work is over: what the scenario asks of the whole run."""
        given = "\n".join(step.given for step in self.steps if step.kind != "code")
        await self._look([("evaluations", self._whole)], None, None, given)

    def _groups(self, step: int) -> list[Group]:
        """A step's evaluators with their place in the file: of each turn, of the conversation, of the step."""
        found = self._loaded.steps[step]
        return [
            (f"run[{step}].conversation.turn_evaluations", found.turns),
            (f"run[{step}].conversation.final_evaluations", found.final),
            (f"run[{step}].evaluations", found.after),
        ]

    async def _never(self, step: int, place: str, evaluator: Evaluator, why: str) -> None:
        self.found.append(
            Evaluated(
                index=len(self.found),
                evaluator=getattr(evaluator, "name", "") or evaluator.type,
                kind=evaluator.kind,
                outcome="failed",
                summary=f"the step never came to its end: {why}",
                step=step,
                weight=getattr(evaluator, "weight", 1.0),
                place=place,
            )
        )
        await self._publish(EvaluationCompleted(**self.found[-1].model_dump(exclude={"place", "weak"})))

    async def _look(self, groups: Sequence[Group], scope: StepView | None, turn: TurnView | None, words: str) -> None:
        evaluators = [evaluator for _, found in groups for evaluator in found]
        if not evaluators:
            return
        async with self._gather(sorted(self.steps, key=lambda step: step.index), scope, turn) as evidence:
            self.found += await evaluate(
                evaluators,
                evidence,
                self._publish,
                first_index=len(self.found),
                step=scope.index if scope else None,
                turn=turn.number if turn else None,
                allow_weak=self._allow_weak,
                words="" if scope is not None and scope.kind == "code" else words,
                places=[f"{place}[{number}]" for place, found in groups for number in range(len(found))],
            )
