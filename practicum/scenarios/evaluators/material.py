"""What the judge is shown: what happened in a turn, a step or the run, as data.

Everything that a user, an agent or a program wrote stands inside JSON strings, so nothing in it can end its string,
begin another, or be taken for what we say.
"""

from __future__ import annotations

import json

from practicum.api.evaluator import Evidence, StepView, TurnView
from practicum.bus.events import Json, MockCalled, ToolCalled, ToolReturned
from practicum.scenarios.evaluators.scope import events_of, steps_of, text_of

_LENGTHS = (12_000, 4_000, 1_000, 300)
"""Characters of one text; the next smaller one where the whole would be too much."""
_MOST = 150_000
_LONGEST_VALUE = 2_000
_MOST_ACTIONS = 60
_MOST_FILES = 100


def material(evidence: Evidence) -> str:
    """JSON of what is looked at: what was said, what was done, what code printed, which files were made."""
    text = ""
    for longest in _LENGTHS:
        text = json.dumps(_shown(evidence, longest), ensure_ascii=False, indent=1)
        if len(text) <= _MOST:
            break
    return text


def _shown(evidence: Evidence, longest: int) -> dict[str, Json]:
    shown: dict[str, Json] = {}
    if evidence.turn is not None:
        shown["conversation"] = [_turn(evidence.turn, longest)]
    else:
        steps = steps_of(evidence)
        if len(steps) == 1:
            shown |= _step(steps[0], longest)
        elif steps:
            shown["steps"] = [{"step": step.name or f"step {step.index}", **_step(step, longest)} for step in steps]
        else:
            shown["agents_wrote"] = cut(text_of(evidence), longest)
    actions = _actions(evidence)
    if actions:
        shown["actions"] = actions
    return shown


def _step(step: StepView, longest: int) -> dict[str, Json]:
    if step.kind == "code":
        shown: dict[str, Json] = {"code_printed": cut(step.stdout, longest), "exit_code": step.exit_code}
        if step.stderr:
            shown["code_printed_to_stderr"] = cut(step.stderr, longest)
    elif step.turns:
        shown = {"conversation": [_turn(turn, longest) for turn in step.turns]}
    else:
        shown = {"user": cut(step.given, longest), "agent": cut(step.text, longest)}
    if step.created:
        shown["files_created"] = [*step.created[:_MOST_FILES]]
    if step.changed:
        shown["files_changed"] = [*step.changed[:_MOST_FILES]]
    return shown


def _turn(turn: TurnView, longest: int) -> Json:
    return {"turn": turn.number, "user": cut(turn.user, longest), "agent": cut(turn.agent, longest)}


def _actions(evidence: Evidence) -> list[Json]:
    """What agents did with tools and mocked methods, and what came back."""
    events = events_of(evidence)
    results = {(event.source, event.body.call): event.body for event in events if isinstance(event.body, ToolReturned)}
    found: list[Json] = []
    for event in events:
        body = event.body
        if isinstance(body, ToolCalled) and event.source in evidence.team:
            result = results.get((event.source, body.call))
            outcome: dict[str, Json] = {"result": "never came"}
            if result is not None:
                outcome = (
                    {"result": _short(result.result)} if result.ok else {"failed": cut(result.error, _LONGEST_VALUE)}
                )
            found.append({"agent": event.source, "action": body.tool, "given": _short(body.args), **outcome})
        elif isinstance(body, MockCalled) and event.source not in evidence.team and body.answered != "none":
            found.append({"agent": body.agent, "action": f"{body.service}.{body.method}", "answered": body.answered})
    if len(found) > _MOST_ACTIONS:
        left_out = len(found) - _MOST_ACTIONS
        half = _MOST_ACTIONS // 2
        found = [*found[:half], f"{left_out} actions are left out here", *found[-half:]]
    return found


def _short(value: Json) -> Json:
    """A value; its JSON, cut, where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return value if len(text) <= _LONGEST_VALUE else cut(text, _LONGEST_VALUE)


def cut(text: str, longest: int) -> str:
    """A text without the middle of what is too long."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} [{len(text) - 2 * half} characters are left out here] {text[-half:]}"
