"""One line for what happened, and nothing in it that a terminal would obey."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from practicum.bus.event import make_event
from practicum.bus.events import (
    AgentFailed,
    AgentIdled,
    AgentJoined,
    Data,
    EvaluationCompleted,
    EventDropped,
    ExchangeCompleted,
    InputGiven,
    JobFinished,
    LeaseDenied,
    LeaseRevoked,
    LimitReached,
    MessagePosted,
    ModelAnswered,
    OutcomeDeclared,
    ProcessDied,
    RunInterrupted,
    TimerFired,
    ToolReturned,
    WorldChanged,
)
from practicum.monitor.narrate import Told, narrate

NOW = datetime.now(UTC)


def tell(source: str, data: Data) -> Told | None:
    return narrate(make_event(data, run="R", source=source), NOW - timedelta(seconds=5))


def world(change: str, resource: str = "acme/shortlink#5", actor: str = "dev-1", **facts: object) -> WorldChanged:
    data = {"service": change.partition(".")[0], "change": change, "actor": actor, "resource": resource, "facts": facts}
    return WorldChanged.model_validate(data)


CALL = {
    "lease": "l",
    "agent": "dev-1",
    "service": "github",
    "method": "PUT",
    "route": "r",
    "path": "/x",
    "status": 404,
    "ms": 1,
}

EVALUATED = EvaluationCompleted(index=0, evaluator="e", kind="effect", outcome="failed", summary="no")


@pytest.mark.parametrize(
    ("data", "who", "what", "weight"),
    [
        (InputGiven(step=0, to="pm", text="Build it"), "scenario", "gave pm the task: Build it", 2),
        (MessagePosted(text="Hello", to="agent.lead"), "it", "to lead: Hello", 2),
        (OutcomeDeclared(summary="all done"), "it", "finished: all done", 2),
        (JobFinished(job="j", kind="check", name="test", ok=True, seconds=1.23), "ci", "test passed (1.2 s)", 2),
        (JobFinished(job="j", kind="deployment", name="app", ok=False, seconds=1), "deploy", "app failed (1.0 s)", 2),
        (JobFinished(job="j", kind="webhook", name="h", ok=True, seconds=0), "webhook", "h passed (0.0 s)", 1),
        (ExchangeCompleted.model_validate({**CALL, "refused": "no"}), "proctor", "refused dev-1: PUT /x (no)", 3),
        (LeaseDenied(agent="qa", service="slack", reason="no"), "proctor", "denied qa slack: no", 3),
        (LeaseRevoked(lease="l1", agent="qa", service="s", reason="abuse"), "proctor", "revoked l1 of qa: abuse", 3),
        (EventDropped(subject="a.b", reason="x"), "observer", "dropped a forged or broken event on a.b: x", 3),
        (AgentFailed(turn=1, error="boom", kind="script"), "it", "failed (script): boom", 3),
        (ProcessDied(name="world", exit_code=9), "world", "died (exit 9)", 3),
        (LimitReached(limit="turns", of="run", value=9, maximum=8), "proctor", "turns limit of run reached: 9 of 8", 3),
        (RunInterrupted(reason="stopped"), "launcher", "stopped", 3),
        (ToolReturned(turn=1, call="1", tool="t", ok=False, error="bad"), "it", "t failed: bad", 1),
        (ModelAnswered(turn=1, request=1, text="Hm", calls=(), stop="end"), "it", "thinks: Hm", 1),
        (TimerFired(timer="t", owner="qa", note="look"), "it", "timer for qa: look", 1),
        (AgentJoined(role="qa", model="script/qa", tools=()), "it", "joined as qa, script/qa", 1),
        (EVALUATED, "judge", "e failed: no", 1),
        (world("github.issue.opened", title="Do"), "dev-1", 'opened issue #5 "Do"', 2),
        (world("github.issue.assigned", assignee="qa", number=7), "dev-1", "assigned #7 to qa", 2),
        (world("github.issue.closed", title="Do"), "dev-1", 'closed issue #5 "Do"', 2),
        (
            world("github.pull_request.opened", title="Do", head="a", base="main", additions=3, deletions=1),
            "dev-1", 'pull request #5 "Do" a -> main +3 -1', 2,
        ),
        (world("github.pull_request.merged", title="Do"), "dev-1", 'merged #5 "Do"', 2),
        (world("github.review.submitted", state="APPROVED"), "dev-1", "approved #5", 2),
        (
            world("github.review.submitted", state="CHANGES_REQUESTED", review_body="No"),
            "dev-1", 'requested changes on #5: "No"', 2,
        ),
        (world("github.release.published", tag="v1"), "dev-1", "released v1", 2),
        (world("github.issue_comment.created", comment_body="Hm"), "dev-1", "commented on #5: Hm", 1),
        (world("github.push", ref="refs/heads/main"), "dev-1", "pushed to main", 1),
        (world("slack.message.posted", channel="#dev", text="Hi"), "dev-1", "slack #dev: Hi", 2),
        (world("discord.message.posted", channel="dev", text="Hi"), "dev-1", "discord #dev: Hi", 2),
        (world("deploy.deployment.succeeded", version="v1"), "dev-1", "deployed v1 healthy", 2),
        (world("deploy.deployment.failed", version="v1", reason="x"), "dev-1", "deployment of v1 failed: x", 3),
        (world("deploy.app.crashed", reason="x"), "deploy", "the application crashed: x", 3),
        (world("github.label.created", resource="bug"), "dev-1", "github label created bug", 1),
        (world("slack.channel.created", resource="#x", actor=""), "slack", "slack channel created #x", 1),
    ],
)  # fmt: skip
def test_the_story_is_told(data: Data, who: str, what: str, weight: int) -> None:
    told = tell("it", data)
    assert told is not None
    assert (told.who, told.what, told.weight) == (who, what, weight)
    assert 4.9 < told.at < 3600


@pytest.mark.parametrize(
    "data",
    [
        AgentIdled(turn=1, consumed=1),
        ExchangeCompleted.model_validate(CALL),
        LeaseRevoked(lease="l", agent="qa", service="s", reason="the run is over"),
        ToolReturned(turn=1, call="1", tool="t", ok=True),
        ModelAnswered(turn=1, request=1, text="", calls=(), stop="end"),
    ],
)
def test_what_only_machines_need_is_not_told(data: Data) -> None:
    assert tell("it", data) is None


BAD = "a\x1b[2J\x1b]0;x\x07b\r\nc\u202ed\x00\x9b31m\u200be" + "f" * 300


@pytest.mark.parametrize("change", [
    "github.issue.opened", "github.pull_request.opened", "github.review.submitted", "slack.message.posted",
    "deploy.deployment.failed", "deploy.app.crashed", "github.push", "other.thing.happened",
])  # fmt: skip
def test_no_text_moves_a_terminal(change: str) -> None:
    facts = dict.fromkeys(
        ("title", "head", "base", "state", "review_body", "channel", "text", "version", "reason", "ref"), BAD
    )
    for told in (tell("it", world(change, BAD, BAD, **facts)), tell("it", MessagePosted(text=BAD, to=BAD))):
        assert told is not None
        assert (told.who + told.what).isprintable()
        assert len(told.what) <= 160
        assert len(told.who) <= 40
