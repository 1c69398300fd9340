"""A step of a run as thought, action and observation, from its recorded events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic_core import to_json

from practicum.bus.events import (
    ConversationTurned,
    Data,
    InputGiven,
    Json,
    MessagePosted,
    MockCalled,
    ModelAnswered,
    StepFinished,
    StepStarted,
    StepTaken,
    ToolCalled,
    ToolReturned,
    WorkEnded,
)
from practicum.errors import UsageError
from practicum.trajectory.reader import Recorded

MoveKind = Literal["given", "thought", "action", "observation", "answer"]
"""`given`: input, or a user's words. `thought`: what a model said beside its calls. `action`: a tool called, or code
executed. `observation`: what came back. `answer`: what an agent said when it asked for nothing more."""


@dataclass(frozen=True, slots=True)
class Move:
    """One of them."""

    kind: MoveKind
    text: str
    who: str = ""
    tool: str = ""
    args: Json = None
    """Actions only."""
    ok: bool = True
    """Observations and answers only: whether the call came to its end, whether the answer came in time."""
    seq: int = 0
    """The number of the event that it is told from."""
    at: float = 0.0
    """Seconds since the run began."""


def steps_of(recorded: Sequence[Recorded]) -> dict[int, list[Recorded]]:
    """Step (from 0) to the events from its beginning to its end.

    Records of before 0.2 do not say where a step ends: there it ends where the next one is given.
    """
    found: dict[int, list[Recorded]] = {}
    if any(isinstance(item.event.body, StepStarted) for item in recorded):
        present: int | None = None
        for item in recorded:
            body = item.event.body
            if isinstance(body, StepStarted):
                present = body.step
            if present is not None:
                found.setdefault(present, []).append(item)
            if isinstance(body, StepFinished):
                present = None
        return found
    last: int | None = None
    for item in recorded:
        body = item.event.body
        if isinstance(body, InputGiven | StepTaken):
            last = body.step
        elif isinstance(body, WorkEnded):
            last = None
        if last is not None:
            found.setdefault(last, []).append(item)
    return found


def moves(recorded: Sequence[Recorded], step: int, code: str = "") -> list[Move]:
    """What happened in a step (from 0), in order.

    `code` is the code of a code step, which events do not hold.

    Raises:
        UsageError: the run has no such step.
    """
    steps = steps_of(recorded)
    if step not in steps:
        known = ", ".join(str(index + 1) for index in sorted(steps)) or "none"
        raise UsageError(f"the run has no step {step + 1}", hint=f"steps that were begun: {known}")
    start = recorded[0].event.time
    found: list[Move] = []
    for item in steps[step]:
        at = max((item.event.time - start).total_seconds(), 0.0)
        for move in _told(item.event.body, code):
            found.append(replace(move, seq=item.seq, at=at, who=move.who or item.event.source))
    return found


def _told(body: Data, code: str) -> list[Move]:
    match body:
        case StepStarted(kind="code") if code:
            return [Move("action", code, "scenario", tool="code")]
        case InputGiven():
            return [Move("given", body.text, "scenario" if body.turn == 1 else "user")]
        case ConversationTurned() if body.timed_out or not body.agent:
            return [Move("answer", "(no answer in time)" if body.timed_out else "(no answer)", "agent", ok=False)]
        case ModelAnswered() if body.error:
            return [Move("observation", f"the model failed: {body.error}", ok=False)]
        case ModelAnswered() if body.text:
            return [Move("thought" if body.calls else "answer", body.text)]
        case ToolCalled():
            return [Move("action", _shown(body.args), tool=body.tool, args=body.args)]
        case ToolReturned():
            return [Move("observation", _shown(body.result) if body.ok else body.error, tool=body.tool, ok=body.ok)]
        case MockCalled():
            name = f"{body.service}.{body.method}" if body.service else body.method
            which = "no mock fits" if body.mock is None else f"mock {body.mock} answered ({body.answered})"
            why = f": {body.why}" if body.why else ""
            return [Move("observation", f"{name}: {which}{why}", body.agent, ok=body.mock is not None)]
        case MessagePosted():
            return [Move("action", body.text, tool="message", args={"to": body.to})]
        case StepFinished(kind="code"):
            text = "\n".join(part.rstrip("\n") for part in (body.stdout, body.stderr) if part)
            ended = f"exit code {body.exit_code}" if body.exit_code is not None else body.ended
            said = f"{text}\n{ended}" if text else ended
            return [Move("observation", said, "environment", ok=body.exit_code == 0)]
        case _:
            return []


def _shown(value: object) -> str:
    return value if isinstance(value, str) else to_json(value).decode()
