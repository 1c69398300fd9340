"""What an evaluator looks at: one turn, one step, or the whole run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from practicum.api.evaluator import Evidence, StepView, TurnView
from practicum.bus.event import Event
from practicum.bus.events import MessagePosted, ModelAnswered

Output = Literal["", "stdout", "stderr", "output"]
"""Which output of a code step; `output` is both."""


def events_of(evidence: Evidence) -> Sequence[Event]:
    """The events of the turn or step that is looked at; all of them for the whole run."""
    part: TurnView | StepView | None = evidence.turn or evidence.scope
    return evidence.events if part is None else evidence.events[part.first : part.last]


def events_since(evidence: Evidence) -> Sequence[Event]:
    """The events from the beginning of what is looked at on: the gateway tells of a call only after its answer, and a
    step may be over in between.
    """
    part: TurnView | StepView | None = evidence.turn or evidence.scope
    return evidence.events if part is None else evidence.events[part.first :]


def steps_of(evidence: Evidence) -> Sequence[StepView]:
    """The step that is looked at; all that are over for the whole run."""
    return evidence.steps if evidence.scope is None else [evidence.scope]


def turns_of(evidence: Evidence) -> list[TurnView]:
    """The turns of what is looked at, in order.

    One input and its answer are a conversation of one turn.
    """
    if evidence.turn is not None:
        return [evidence.turn]
    found: list[TurnView] = []
    for step in steps_of(evidence):
        if step.turns:
            found += step.turns
        elif step.kind in ("input", "conversation"):
            found.append(TurnView(1, step.given, step.text, step.seconds, step.first, step.last))
    return found


def only_code(evidence: Evidence) -> bool:
    """Whether no agent acts in what is looked at. In the whole run none does only where none was ever to be given
    anything: a step for an agent that never began does not make what code prints its words.
    """
    if evidence.scope is None and evidence.settings.get("agents_act"):
        return False
    steps = steps_of(evidence)
    return evidence.turn is None and bool(steps) and all(step.kind == "code" for step in steps)


def text_of(evidence: Evidence, agent: str = "", of: Output = "") -> str:
    """What agents (or one) wrote in the turn, the step or the run. Never what a user or the scenario said.

    A code step's text is what its code printed. In the whole run that is looked at where no agent acts, or where an
    output is asked for by name.
    """
    if evidence.turn is not None and not agent:
        return evidence.turn.agent
    if agent:
        return _written(evidence, events_of(evidence), agent)
    if evidence.scope is not None:
        return _printed(evidence.scope, of) if evidence.scope.kind == "code" else evidence.scope.text
    if of or only_code(evidence):
        return "\n".join(_printed(step, of) for step in evidence.steps if step.kind == "code")
    return _written(evidence, evidence.events)


def _printed(step: StepView, of: Output) -> str:
    if of == "output":
        return f"{step.stdout}\n{step.stderr}"
    return step.stderr if of == "stderr" else step.stdout


def _written(evidence: Evidence, events: Sequence[Event], agent: str = "") -> str:
    """Answers and messages of the agents."""
    parts = []
    for event in events:
        wanted = event.source in evidence.team and (not agent or event.source == agent)
        if wanted and isinstance(event.body, ModelAnswered | MessagePosted):
            parts.append(event.body.text)
    return "\n".join(part for part in parts if part)
