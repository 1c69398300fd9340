"""The parts of a report that are lists: the conversation, pull requests, what each evaluation rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from practicum.bus.events import InputGiven, MessagePosted, OutcomeDeclared, WorldChanged
from practicum.trajectory.reader import Recorded


@dataclass
class Said:
    """One thing that somebody said, where others could read it."""

    seq: int
    at: float
    who: str
    where: str
    text: str


@dataclass
class Pull:
    """A pull request's life."""

    number: int
    title: str = ""
    author: str = ""
    head: str = ""
    opened: int = 0
    merged_by: str = ""
    merged: int = 0
    reviews: list[tuple[int, str, str, str]] = field(default_factory=list)
    """Event number, reviewer, state, text."""
    checks: list[tuple[int, str, str]] = field(default_factory=list)
    """Event number, name, conclusion."""

    def events(self) -> list[int]:
        """The numbers of the events that it is told from."""
        numbers = [self.opened, self.merged, *(review[0] for review in self.reviews), *(one[0] for one in self.checks)]
        return [number for number in numbers if number]


def conversation(recorded: Sequence[Recorded]) -> list[Said]:
    """Everything that was said, in order."""
    found: list[Said] = []
    for item in recorded:
        body, event = item.event.body, item.event
        at = max((event.time - recorded[0].event.time).total_seconds(), 0.0)
        match body:
            case InputGiven():
                who = "scenario" if body.turn == 1 else "user"
                found.append(Said(item.seq, at, who, f"to {body.to}", body.text))
            case MessagePosted():
                found.append(Said(item.seq, at, event.source, f"to {body.to.partition('.')[2]}", body.text))
            case OutcomeDeclared():
                found.append(Said(item.seq, at, event.source, "finish", body.summary))
            case WorldChanged():
                said = _said(body, item.seq, at)
                if said is not None:
                    found.append(said)
            case _:
                pass
    return found


def _said(body: WorldChanged, seq: int, at: float) -> Said | None:
    facts: dict[str, Any] = dict(body.facts)
    if body.change in ("slack.message.posted", "discord.message.posted"):
        where = f"{body.service} #{str(facts.get('channel', '')).removeprefix('#')}"
        return Said(seq, at, body.actor, where, str(facts.get("text", "")))
    if body.change == "github.review.submitted" and facts.get("review_body"):
        return Said(seq, at, body.actor, f"review of #{facts.get('number', '')}", str(facts["review_body"]))
    if body.change in ("github.issue_comment.created", "github.review_comment.created"):
        return Said(seq, at, body.actor, f"comment on #{facts.get('number', '')}", str(facts.get("comment_body", "")))
    return None


def pulls(recorded: Sequence[Recorded]) -> list[Pull]:
    """Every pull request, with its reviews and checks."""
    found: dict[int, Pull] = {}
    for item in recorded:
        body = item.event.body
        if not isinstance(body, WorldChanged) or body.service != "github":
            continue
        facts: dict[str, Any] = dict(body.facts)
        number = facts.get("number")
        if body.change.startswith("github.pull_request.") and isinstance(number, int):
            pull = found.setdefault(number, Pull(number))
            if body.change.endswith(".opened"):
                pull.title, pull.author, pull.head = str(facts.get("title", "")), body.actor, str(facts.get("head", ""))
                pull.opened = item.seq
            elif body.change.endswith(".merged"):
                pull.merged_by, pull.merged = body.actor, item.seq
        elif body.change == "github.review.submitted" and isinstance(number, int):
            state = str(facts.get("state", "")).lower().replace("_", " ")
            pull = found.setdefault(number, Pull(number))
            pull.reviews.append((item.seq, body.actor, state, str(facts.get("review_body") or "")))
        elif body.change == "github.check.completed":
            for one in facts.get("pull_requests") or []:
                key = one.get("number") if isinstance(one, dict) else one
                if isinstance(key, int):
                    check = (item.seq, str(facts.get("name", "")), str(facts.get("conclusion", "")))
                    found.setdefault(key, Pull(key)).checks.append(check)
    return sorted(found.values(), key=lambda pull: pull.number)
