"""What reached somebody: files, webhooks, timers. And how the repository came to be."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from evaluated_run import ZERO, EvaluatedRun

from practicum.bus.events import JobFinished, Json, TimerFired, TimerSet, ToolCalled


def release(run: EvaluatedRun, tag: str, *assets: dict[str, Any], draft: bool = False) -> None:
    run.github.releases.append({"tag_name": tag, "draft": draft, "assets": list(assets)})


def asset(
    run: EvaluatedRun, number: int, name: str, content: bytes | None, digest: str | None = None
) -> dict[str, Any]:
    """A file of a release; with None it is listed and not there."""
    if content is not None:
        run.github.contents[f"/releases/assets/{number}"] = content
    return {"id": number, "name": name, "digest": digest}


async def test_a_released_file_is_fetched(team_run: EvaluatedRun) -> None:
    assert (await team_run.look("artifact_downloadable")).summary == "no file is offered by a release"
    release(team_run, "v1.0", asset(team_run, 1, "app.tar.gz", b"content"), asset(team_run, 2, "gone.txt", None))
    found = await team_run.look("artifact_downloadable", file=r"\.tar\.gz$")
    assert (found.passed, found.summary) == (True, "app.tar.gz was fetched, 7 bytes")
    assert found.details["sha256"] == hashlib.sha256(b"content").hexdigest()
    assert (await team_run.look("artifact_downloadable", matches="^content$")).passed
    for keys, says in [
        ({"file": "gone"}, "gone.txt: GitHub answered 404"),
        ({"file": "app", "min_bytes": 8}, "app.tar.gz: 7 bytes, at least 8 are wanted"),
        ({"file": "app", "matches": "else"}, "app.tar.gz: it does not say 'else'"),
        ({"file": "other"}, "no file that fits 'other' is offered by a release; there is app.tar.gz, gone.txt"),
        ({"tag": "^v2"}, "no file is offered by a release"),
    ]:
        found = await team_run.look("artifact_downloadable", **keys)
        assert (found.passed, found.summary) == (False, says)


async def test_a_file_that_is_not_what_its_digest_says_is_refused(team_run: EvaluatedRun) -> None:
    good = f"sha256:{hashlib.sha256(b'content').hexdigest()}"
    release(team_run, "v1", asset(team_run, 1, "good", b"content", good), asset(team_run, 2, "bad", b"CONTENT", good))
    assert (await team_run.look("artifact_downloadable", file="good")).passed
    assert (await team_run.look("artifact_downloadable", file="bad")).summary == "bad: it is not what its digest says"


async def test_a_draft_offers_nothing(team_run: EvaluatedRun) -> None:
    release(team_run, "v1", asset(team_run, 1, "app", b"x"), draft=True)
    assert not (await team_run.look("artifact_downloadable")).passed


async def test_what_a_workflow_kept_is_fetched_and_unpacked(team_run: EvaluatedRun) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("report.txt", "14 passed")
    team_run.github.contents["/actions/artifacts/7/zip"] = packed.getvalue()
    team_run.github.artifacts += [{"id": 7, "name": "results", "expired": False}]
    assert (
        await team_run.look("artifact_downloadable", from_="workflow", file="^results$", matches=r"\d+ passed")
    ).passed
    assert not (await team_run.look("artifact_downloadable", from_="workflow", matches="failed")).passed
    team_run.github.artifacts[0]["expired"] = True
    assert not (await team_run.look("artifact_downloadable", from_="workflow")).passed


def delivered(run: EvaluatedRun, name: str, *, ok: bool = True, source: str = "world-github", **facts: Json) -> str:
    job = JobFinished(job="webhook-1", kind="webhook", name=name, ok=ok, seconds=0, facts=facts)
    return run.happened(source, job)


async def test_a_webhook_was_taken(team_run: EvaluatedRun) -> None:
    delivered(team_run, "ping to hooks.test:80", event="ping", hook=1)
    delivered(team_run, "push to hooks.test:80", event="push", hook=1, ok=False)
    found = await team_run.look("webhook_delivered")
    assert (found.passed, found.summary) == (False, "0 of 1 deliveries were taken, 1 were not")
    assert (await team_run.look("webhook_delivered", event="ping")).passed
    good = delivered(team_run, "push to hooks.test:80", event="push", hook=1)
    found = await team_run.look("webhook_delivered", event="push", to=r"^hooks\.test", service="github")
    assert (found.passed, found.evidence) == (True, (good,))
    assert not (await team_run.look("webhook_delivered", to="elsewhere")).passed
    assert not (await team_run.look("webhook_delivered", event="issues")).passed
    assert not (await team_run.look("webhook_delivered", at_least=2)).passed
    assert not (await team_run.look("webhook_delivered", service="slack")).passed


async def test_slack_delivers_too_and_an_agents_word_is_no_delivery(team_run: EvaluatedRun) -> None:
    delivered(team_run, "slack message", source="pm", statuses=[200])
    delivered(team_run, "slack message", source="launcher", statuses=[200])
    assert not (await team_run.look("webhook_delivered")).passed
    delivered(team_run, "slack message", source="world-slack", statuses=[200])
    assert (await team_run.look("webhook_delivered", service="slack", event="message")).passed


def fired(run: EvaluatedRun, owner: str, note: str = "", source: str = "launcher") -> str:
    run.happened(source, TimerSet(timer="t", owner=owner, due=datetime.now(UTC), note=note))
    return run.happened(source, TimerFired(timer="t", owner=owner, note=note))


async def test_a_timer_came_due(team_run: EvaluatedRun) -> None:
    team_run.happened("launcher", TimerSet(timer="t", owner="devops", due=datetime.now(UTC)))
    assert (await team_run.look("schedule_fired")).summary == "0 of 1 timers came due"
    fired(team_run, "pm", source="pm")
    fired(team_run, "operator")
    assert not (await team_run.look("schedule_fired")).passed
    first = fired(team_run, "devops", note="hourly report")
    found = await team_run.look("schedule_fired", by_role="devops", note="report$")
    assert (found.passed, found.evidence) == (True, (first,))
    assert not (await team_run.look("schedule_fired", by_role="qa")).passed
    assert not (await team_run.look("schedule_fired", note="daily")).passed
    assert await team_run.blind("schedule_fired", by_role="nobody") == "nobody has the role nobody"


async def test_a_timer_that_nobody_acts_on_is_no_schedule(team_run: EvaluatedRun) -> None:
    fired(team_run, "devops")
    assert not (await team_run.look("schedule_fired", acted=True)).passed
    team_run.happened("qa", ToolCalled(turn=1, call="c", tool="slack_post", args={}, effect="once"))
    assert not (await team_run.look("schedule_fired", acted=True)).passed
    for _ in range(2):  # the second call answers to no timer of its own
        team_run.happened("devops", ToolCalled(turn=1, call="c", tool="slack_post", args={}, effect="once"))
    assert (await team_run.look("schedule_fired", acted=True)).summary == "1 of 1 timers came due and were acted on"
    assert not (await team_run.look("schedule_fired", acted=True, at_least=2)).passed


def worked(run: EvaluatedRun) -> None:
    """Two developers push a commit each, one of them another one that says it is by the lead."""
    for login, path, subject in (
        ("dev-1", "app/links.py", "feat: links"),
        ("dev-2", "docs/usage.md", "docs: usage"),
    ):
        sha = run.repository.commit(login, {path: "x\n"}, subject)
        run.github.push(login, sha)
    run.github.push("dev-2", run.repository.commit("lead", {"x": "y"}, "feat: forged"))


async def test_the_history_is_that_of_the_team(team_run: EvaluatedRun) -> None:
    assert not (await team_run.look("git_history")).passed, "the first commit is nobody's of the team"
    worked(team_run)
    found = await team_run.look("git_history", at_least=2, authors=2)
    assert (found.passed, found.summary) == (True, "2 commits on main by dev-1, dev-2")
    assert not (await team_run.look("git_history", at_least=3)).passed, "a forged author made none"
    assert not (await team_run.look("git_history", by_role="lead")).passed
    assert (await team_run.look("git_history", by_role="developer", at_least=2)).passed
    assert (await team_run.look("git_history", matches="^docs: ", path="docs/")).passed
    found = await team_run.look("git_history", matches="^docs: ", path="app/")
    assert found.summary == "0 of 1 commits on main that say '^docs: '"
    found = await team_run.look("git_history", path="docs/", authors=2)
    assert found.summary == "1 of 2 agents have commits on main"


async def test_a_convention_holds_for_every_commit_of_the_team(team_run: EvaluatedRun) -> None:
    worked(team_run)
    assert (await team_run.look("git_history", every_subject="^(feat|docs): ")).passed
    found = await team_run.look("git_history", every_subject="^feat: ")
    assert not found.passed
    assert "'docs: usage' does not fit '^feat: '" in found.summary


async def test_a_branch_that_was_rewritten_is_told(team_run: EvaluatedRun) -> None:
    worked(team_run)
    team_run.github.push("dev-2", ZERO, kind="force_push", branch="issue-1")
    assert (await team_run.look("git_history", never_rewritten=True)).passed
    team_run.github.push("dev-2", ZERO, kind="force_push")
    found = await team_run.look("git_history", never_rewritten=True)
    assert (found.passed, found.summary) == (False, "main was rewritten by dev-2")
    assert (await team_run.look("git_history")).passed


@pytest.mark.parametrize("type", ["git_history", "artifact_downloadable"])
async def test_without_a_repository_nothing_can_be_looked_at(team_run: EvaluatedRun, type: str) -> None:
    team_run.settings.clear()
    assert await team_run.blind(type) == "the scenario has no repository"
