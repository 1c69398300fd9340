"""One line for what happened, as a person would tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from practicum.bus.event import Event
from practicum.bus.events import (
    AgentFailed,
    AgentJoined,
    ConversationTurned,
    EvaluationCompleted,
    EventDropped,
    ExchangeCompleted,
    InputGiven,
    JobFinished,
    LeaseDenied,
    LeaseRevoked,
    LimitReached,
    MessagePosted,
    MockCalled,
    ModelAnswered,
    OutcomeDeclared,
    ProcessDied,
    RunInterrupted,
    StepFinished,
    StepStarted,
    TimerFired,
    ToolReturned,
    WorldChanged,
)
from practicum.text import printable


@dataclass(frozen=True, slots=True)
class Told:
    """A line: when (seconds since the start), who, what, and how much it matters."""

    at: float
    who: str
    what: str
    weight: int
    """2: the story; 1: detail; 3: trouble."""


def narrate(event: Event, start: datetime) -> Told | None:
    """Tell an event; None for what only machines need."""
    found = _tell(event)
    if found is None:
        return None
    who, what, weight = found
    return Told((event.time - start).total_seconds(), printable(who, 40), printable(what, 160), weight)


def _tell(event: Event) -> tuple[str, str, int] | None:
    body = event.body
    match body:
        case WorldChanged():
            return _change(body)
        case InputGiven():
            return "scenario", f"gave {body.to} the task: {body.text}", 2
        case StepStarted() if body.kind == "code":
            return "scenario", f"step {body.step + 1}{f' {body.name}' if body.name else ''}: runs its code", 1
        case StepFinished():
            return _step(body)
        case ConversationTurned():
            late = " (time was up)" if body.timed_out else ""
            return "agent", f"answered turn {body.turn}{late}: {body.agent or 'nothing'}", 2
        case MockCalled():
            what = f"answered {body.service}.{body.method}" if body.mock is not None else "had no answer"
            return "mock", f"{what} for {body.agent or 'nobody'}: {body.why}", 1
        case MessagePosted():
            return event.source, f"to {body.to.partition('.')[2]}: {body.text}", 2
        case JobFinished():
            word = "passed" if body.ok else "failed"
            who = {"check": "ci", "deployment": "deploy"}.get(body.kind, body.kind)
            return who, f"{body.name} {word} ({body.seconds:.1f} s)", 1 if body.kind == "webhook" else 2
        case OutcomeDeclared():
            return event.source, f"finished: {body.summary}", 2
        case ExchangeCompleted() if body.refused:
            return "proctor", f"refused {body.agent}: {body.method} {body.path} ({body.refused})", 3
        case LeaseDenied():
            return "proctor", f"denied {body.agent} {body.service}: {body.reason}", 3
        case LeaseRevoked() if body.reason != "the run is over":
            return "proctor", f"revoked {body.lease} of {body.agent}: {body.reason}", 3
        case EventDropped():
            return "observer", f"dropped a forged or broken event on {body.subject}: {body.reason}", 3
        case AgentFailed():
            return event.source, f"failed ({body.kind}): {body.error}", 3
        case ProcessDied():
            return body.name, f"died (exit {body.exit_code})", 3
        case LimitReached():
            return "proctor", f"{body.limit} limit of {body.of} reached: {body.value:g} of {body.maximum:g}", 3
        case RunInterrupted():
            return "launcher", body.reason, 3
        case ToolReturned() if not body.ok:
            return event.source, f"{body.tool} failed: {body.error}", 1
        case ModelAnswered() if body.text:
            return event.source, f"thinks: {body.text}", 1
        case TimerFired():
            return event.source, f"timer for {body.owner}: {body.note}", 1
        case AgentJoined():
            return event.source, f"joined as {body.role}, {body.model}", 1
        case EvaluationCompleted():
            return "judge", f"{body.evaluator} {body.outcome}: {body.summary}", 1
        case _:
            return None


def _step(body: StepFinished) -> tuple[str, str, int] | None:
    """How a step ended, where that is worth a line: code always, the rest when it did not just come to rest."""
    name = f"step {body.step + 1}{f' {body.name}' if body.name else ''}"
    if body.kind == "code":
        files = f", {len(body.created)} files made" if body.created else ""
        said = f"exit {body.exit_code}{files}  ({body.seconds:.2f} s)" if body.ended == "exited" else body.reason
        return "scenario", f"{name}: {said}", 2 if body.exit_code == 0 else 3
    if body.ended in ("quiet", "finished"):
        return None
    return "scenario", f"{name} ended: {body.reason or body.ended}", 3 if body.ended in ("timeout", "failed") else 2


def _number(resource: str) -> str:
    return f"#{resource.rpartition('#')[2]}" if "#" in resource else resource


def _change(body: WorldChanged) -> tuple[str, str, int] | None:
    facts: Mapping[str, Any] = body.facts
    number = f"#{facts['number']}" if "number" in facts else _number(body.resource)
    title = f' "{facts["title"]}"' if facts.get("title") else ""
    who = body.actor or body.service
    match body.change:
        case "github.issue.opened":
            return who, f"opened issue {number}{title}", 2
        case "github.issue.assigned":
            return who, f"assigned {number} to {facts.get('assignee', '')}", 2
        case "github.issue.closed":
            return who, f"closed issue {number}{title}", 2
        case "github.pull_request.opened":
            size = f"   +{facts['additions']} -{facts.get('deletions', 0)}" if facts.get("additions") else ""
            return who, f"pull request {number}{title}  {facts.get('head', '')} -> {facts.get('base', '')}{size}", 2
        case "github.pull_request.merged":
            return who, f"merged {number}{title}", 2
        case "github.review.submitted":
            state = str(facts.get("state", "")).lower()
            words = {"approved": "approved", "changes_requested": "requested changes on", "commented": "commented on"}
            said = f': "{facts["review_body"]}"' if facts.get("review_body") else ""
            return who, f"{words.get(state, state)} {number}{said}", 2
        case "github.release.published":
            return who, f"released {facts.get('tag', '')}", 2
        case "github.issue_comment.created":
            return who, f"commented on {number}: {facts.get('comment_body', '')}", 1
        case "github.push":
            return who, f"pushed to {str(facts.get('ref', '')).removeprefix('refs/heads/')}", 1
        case "slack.message.posted" | "discord.message.posted":
            channel = str(facts.get("channel", "")).removeprefix("#")
            return who, f"{body.service} #{channel}: {facts.get('text', '')}", 2
        case "deploy.deployment.succeeded":
            return who, f"deployed {facts.get('version', '')}  healthy", 2
        case "deploy.deployment.failed":
            return who, f"deployment of {facts.get('version', '')} failed: {facts.get('reason', '')}", 3
        case "deploy.app.crashed":
            return "deploy", f"the application crashed: {facts.get('reason', '')}", 3
        case _:
            return who, f"{body.change.replace('_', ' ').replace('.', ' ')} {body.resource}", 1
