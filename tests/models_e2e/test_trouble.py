"""What goes wrong with a vendor and what a model gets wrong: waited out, told to the model, or said in the verdict."""

from __future__ import annotations

from itertools import count

import pytest
from e2e_kit import LISTED, MINI, run_with, said, scripted, serving
from practicum_command import Practicum

from practicum.models.testing import (
    Answer,
    Call,
    Conversation,
    Fault,
    Plan,
    PlanFailedError,
    PlanTurn,
    Reply,
    ScriptedPolicy,
)

pytestmark = [pytest.mark.broker, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(240)]


async def test_a_busy_vendor_is_waited_out(practicum: Practicum, vendor: str) -> None:
    busy = Fault(status=529, message="Overloaded", retry_after_s=1)
    async with serving(scripted(MINI / "teams/oracle.py")) as server:
        server.inject(busy, busy)
        done = await run_with(practicum, vendor, server)
    assert done.returncode == 0, said(done)
    first, second, third = server.seen[:3]
    refused = 529 if vendor == "anthropic" else 503
    assert [one.status for one in server.seen[:4]] == [refused, refused, 200, 200]
    assert second.at - first.at >= 1
    assert third.at - second.at >= 1
    assert first.body == second.body == third.body
    replayed = practicum("replay", "last")
    assert replayed.returncode == 0, said(replayed)


async def test_a_stream_that_breaks_off_is_asked_for_again(practicum: Practicum, vendor: str) -> None:
    inner, cut = scripted(MINI / "teams/oracle.py"), iter([None, 3, None, 2])

    async def policy(conversation: Conversation) -> Answer:
        reply = await inner(conversation)
        after = next(cut, None)
        return reply if after is None else Reply(reply.text, reply.calls, fault=Fault.cut(after))

    async with serving(policy) as server:
        done = await run_with(practicum, vendor, server)
        await inner.close()
    assert done.returncode == 0, said(done)
    assert server.seen[1].body == server.seen[2].body
    assert [issue.change for issue in practicum.last().of("world.changed")].count("github.issue.opened") == 1
    replayed = practicum("replay", "last")
    assert replayed.returncode == 0, said(replayed)


async def test_a_vendor_that_stays_broken_ends_the_run_as_infrastructure(practicum: Practicum, vendor: str) -> None:
    async def policy(conversation: Conversation) -> Answer:
        return Reply("never whole", fault=Fault.cut(2))

    async with serving(policy) as server:
        done = await run_with(practicum, vendor, server)
    assert done.returncode == 3, said(done)
    verdict = practicum.last().verdict()
    assert verdict["outcome"] == "infrastructure"
    assert "pm" in verdict["reason"]
    assert "broke off" in verdict["reason"] or "ended before" in verdict["reason"]
    assert "after 6 attempts" in verdict["reason"]
    assert len(server.seen) == 6
    replayed = practicum("replay", "last")
    assert replayed.returncode == 0, said(replayed)


async def test_a_model_that_calls_wrongly_reads_why_and_does_better(practicum: Practicum, vendor: str) -> None:
    """An unknown tool, arguments that do not fit, arguments that are no JSON: each comes back as a failed result."""
    told: list[str] = []
    answers = count()

    async def policy(conversation: Conversation) -> Answer:
        told.extend(str(result.content) for result in conversation.results if not result.ok)
        match next(answers):
            case 0:
                return Reply(calls=(Call("open_issue", raw='{"title": 7}'),))
            case 1:
                return Reply(calls=(Call("open_issue", raw='{"title": "A th'),))
            case 2:
                return Reply(calls=(Call("open_isue", raw='{"title": "A thing"}'),))
            case 3:
                return Reply(calls=(Call("open_issue", {"title": "A thing"}),))
            case _:
                return Reply(calls=(Call("finish", {"summary": "at last"}),))

    async with serving(policy) as server:
        done = await run_with(practicum, vendor, server)
    assert done.returncode == 0, said(done)
    assert "title" in told[0]
    assert "not JSON" in told[1]
    assert "there is no tool 'open_isue'" in told[2]
    assert "open_issue" in told[2]
    assert len(told) == 3
    replayed = practicum("replay", "last")
    assert replayed.returncode == 0, said(replayed)


async def test_a_model_that_goes_in_circles_reaches_a_limit(practicum: Practicum, vendor: str) -> None:
    async def policy(conversation: Conversation) -> Answer:
        return Reply(calls=(Call("list_issues", {}),))

    async with serving(policy) as server:
        done = await run_with(practicum, vendor, server, model=LISTED[vendor])
    assert done.returncode == 3, said(done)
    verdict = practicum.last().verdict()
    assert verdict["outcome"] == "limit"
    assert "repeated_calls" in verdict["reason"]
    reached = practicum.last().of("limit.reached")
    assert [(one.limit, one.of, one.maximum) for one in reached] == [("repeated_calls", "pm", 20)]
    replayed = practicum("replay", "last")
    assert replayed.returncode == 0, said(replayed)


async def test_one_changed_result_changes_the_path(practicum: Practicum, vendor: str) -> None:
    """The same plan in two worlds: what it reads in an issue decides what it does next."""

    async def plan(turn: PlanTurn) -> str:
        issues = await turn.call("list_issues")
        urgent = [issue for issue in issues if "urgent" in issue["title"].lower()]
        if not urgent:
            await turn.call("slack_post", channel="dev", text=f"nothing urgent among {len(issues)}")
            opened = await turn.call("open_issue", title="Look again tomorrow")
            await turn.call("comment", number=opened["number"], body=f"this is #{opened['number']}")
        for issue in urgent:
            await turn.call("comment", number=issue["number"], body=f"on it: {issue['title']}")
        missing = await turn.attempt("get_issue", number=99)
        assert isinstance(missing, PlanFailedError)
        await turn.call("finish", summary=str(missing.content))
        return "done"

    paths = {}
    for title in ("A thing", "URGENT: a thing"):
        async with serving(ScriptedPolicy(_after_opening(title, plan))) as server:
            done = await run_with(practicum, vendor, server)
        assert done.returncode == 0, said(done)
        run = practicum.last()
        paths[title] = [one.tool for one in run.of("tool.called")]
        comments = [one.args for one in run.of("tool.called") if one.tool == "comment"]
        assert [(one["number"], one["body"]) for one in comments] == [
            (2, "this is #2") if title == "A thing" else (1, "on it: URGENT: a thing")
        ]
    assert paths["A thing"] == [
        "open_issue", "list_issues", "slack_post", "open_issue", "comment", "get_issue", "finish",
    ]  # fmt: skip
    assert paths["URGENT: a thing"] == ["open_issue", "list_issues", "comment", "get_issue", "finish"]


def _after_opening(title: str, plan: Plan) -> Plan:
    """The plan, in a world that has one issue."""

    async def whole(turn: PlanTurn) -> str | None:
        await turn.call("open_issue", title=title)
        return await plan(turn)

    return whole
