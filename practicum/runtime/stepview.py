"""A step that is over, for its evaluators and for the verdict."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from practicum.api.evaluator import StepView, TurnView
from practicum.bus.event import Event
from practicum.bus.events import ConversationTurned, MessagePosted, ModelAnswered, StepFinished, StepStarted
from practicum.scenarios.schema import Step
from practicum.scenarios.verdict import StepResult, TurnResult


def said_by(events: Sequence[Event], agents: Collection[str]) -> str:
    """What some agents wrote: their answers and messages, in order. Nobody else's words."""
    parts = [
        event.body.text
        for event in events
        if event.source in agents and isinstance(event.body, ModelAnswered | MessagePosted)
    ]
    return "\n".join(part for part in parts if part)


def given_in(step: Step) -> str:
    """The words that a step hands over: its input, its code, or what somebody says."""
    return step.input or step.code or (step.say.text if step.say else "")


def results(events: Sequence[Event], steps: Sequence[Step]) -> list[StepResult]:
    """What came of each step that has begun, from the events alone."""
    found: dict[int, StepResult] = {}
    turns: dict[int, list[TurnResult]] = {}
    for event in events:
        match event.body:
            case StepStarted() as began:
                found[began.step] = StepResult.model_validate(
                    {
                        "index": began.step,
                        "name": began.name,
                        "kind": began.kind,
                        "ended": "failed",
                        "reason": "the run ended before it was over",
                        "started_at": event.time,
                        "ended_at": event.time,
                        "seconds": 0,
                        "given": given_in(steps[began.step]),
                    }
                )
            case ConversationTurned() as turned:
                turns.setdefault(turned.step, []).append(
                    TurnResult(**turned.model_dump(exclude={"step"})),
                )
            case StepFinished() as over if over.step in found:
                begun = found[over.step]
                kept = over.model_dump(exclude={"step", "name", "kind", "truncated"})
                found[over.step] = StepResult.model_validate(
                    {**begun.model_dump(), **kept, "ended_at": event.time, "turns": turns.get(over.step, [])}
                )
            case _:
                pass
    return [found[index] for index in sorted(found)]


def view_of(
    finished: StepFinished,
    events: Sequence[Event],
    *,
    first: int,
    given: str,
    turns: Sequence[TurnView] = (),
) -> StepView:
    """A step as its evaluators see it; its events are `events[first:]`, the last of them the one that ends it."""
    return StepView(
        index=finished.step,
        name=finished.name,
        kind=finished.kind,
        started=events[first].time,
        ended=events[-1].time,
        seconds=finished.seconds,
        ending=finished.ended,
        given=given,
        text=finished.text,
        stdout=finished.stdout,
        stderr=finished.stderr,
        exit_code=finished.exit_code,
        created=finished.created,
        changed=finished.changed,
        turns=tuple(turns),
        first=first,
        last=len(events),
    )
