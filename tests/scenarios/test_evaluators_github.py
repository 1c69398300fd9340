"""What GitHub shows of a team's work: merged, reviewed, reworked, at once; issues, releases, checks."""

from __future__ import annotations

import pytest
from evaluated_run import EvaluatedRun

from practicum.bus.events import LeaseGranted, WorldChanged
from practicum.clock import WallClock

A, B, C = "a" * 40, "b" * 40, "c" * 40


async def test_merged_pull_requests_are_counted(team_run: EvaluatedRun) -> None:
    found = await team_run.look("pull_request_merged", at_least=2)
    assert (found.passed, found.summary) == (False, "0 of 2, no pull request was merged")
    team_run.github.pull(1, "dev-1", A)
    team_run.github.pull(2, "dev-2", B, merged=None)
    assert (await team_run.look("pull_request_merged", at_least=2)).summary == "1 of 2"
    team_run.github.pull(3, "dev-2", C)
    found = await team_run.look("pull_request_merged", at_least=2)
    assert (found.passed, found.summary) == (True, "2 merged: #1, #3")
    assert found.details["merged"] == [1, 3]


async def test_only_those_of_a_role_count_also_when_live_logins_are_others(team_run: EvaluatedRun) -> None:
    team_run.github.pull(1, "octo-one", A)
    assert not (await team_run.look("pull_request_merged", by_role="developer")).passed
    lease = LeaseGranted(
        lease="l", agent="dev-1", service="github", identity="octo-one", scope={}, expires=WallClock().now()
    )
    team_run.happened("proctor", lease)
    assert (await team_run.look("pull_request_merged", by_role="developer")).passed
    assert not (await team_run.look("pull_request_merged", by_role="qa")).passed


async def test_a_lease_that_an_agent_tells_of_makes_nobody_of_it(team_run: EvaluatedRun) -> None:
    team_run.github.pull(1, "lead", A)
    lease = LeaseGranted(
        lease="l", agent="dev-1", service="github", identity="lead", scope={}, expires=WallClock().now()
    )
    team_run.happened("dev-1", lease)
    assert not (await team_run.look("pull_request_merged", by_role="developer")).passed


Reviews = list[tuple[str | None, str, str | None]]


@pytest.mark.parametrize(
    ("reviews", "passes"),
    [
        ([], False),
        ([("dev-1", "APPROVED", A)], False),  # by its author
        ([("lead", "COMMENTED", A)], False),
        ([("lead", "APPROVED", B)], False),  # of another commit: something was pushed afterwards
        ([("lead", "APPROVED", None)], False),
        ([("lead", "DISMISSED", A)], False),
        ([("lead", "APPROVED", A)], True),
        ([(None, "APPROVED", A)], True),  # an account that is gone since
        ([("lead", "APPROVED", A), ("lead", "COMMENTED", A)], True),
        ([("lead", "APPROVED", A), ("lead", "CHANGES_REQUESTED", A)], False),
        ([("lead", "CHANGES_REQUESTED", A), ("lead", "APPROVED", A)], True),
        ([("lead", "CHANGES_REQUESTED", A), ("qa", "APPROVED", A)], True),
    ],
)
async def test_the_merged_commit_must_be_approved_by_another(
    team_run: EvaluatedRun, reviews: Reviews, passes: bool
) -> None:
    team_run.github.pull(1, "dev-1", A)
    for who, state, commit in reviews:
        team_run.github.review(1, who, state, commit)
    found = await team_run.look("pull_request_merged", reviewed_by_other=True)
    assert found.passed is passes
    assert passes or found.summary == "#1 was merged without another's approval of its head"


@pytest.mark.parametrize(
    ("reviews", "passes"),
    [
        ([("lead", "CHANGES_REQUESTED", A), ("lead", "APPROVED", B)], True),
        ([("lead", "CHANGES_REQUESTED", A), ("qa", "APPROVED", B)], True),
        ([("lead", "CHANGES_REQUESTED", A), ("lead", "APPROVED", A)], False),  # nothing was changed
        ([("lead", "APPROVED", B), ("lead", "CHANGES_REQUESTED", A)], False),  # the wrong way round, in one second
        ([("lead", "DISMISSED", A), ("lead", "APPROVED", B)], False),  # a stale approval
        ([("lead", "APPROVED", B)], False),
    ],
)
async def test_rework_is_a_request_then_a_commit_then_an_approval(
    team_run: EvaluatedRun, reviews: Reviews, passes: bool
) -> None:
    team_run.github.pull(1, "dev-1", B)
    for who, state, commit in reviews:
        team_run.github.review(1, who, state, commit)
    found = await team_run.look("pull_request_merged", changes_requested=1)
    assert found.passed is passes
    assert passes or found.summary == "0 of 1 were changed after a review asked for it"


@pytest.mark.parametrize(
    ("one", "two", "author", "passes"),
    [
        ((0, 5), (2, 9), "dev-2", True),
        ((0, 9), (2, 5), "dev-2", True),
        ((2, 9), (0, 5), "dev-2", True),  # numbers do not tell which was first
        ((0, 5), (6, 9), "dev-2", False),
        ((0, 5), (5, 9), "dev-2", False),  # in the same second, but that may be one after the other
        ((0, 5), (2, 9), "dev-1", False),
    ],
)
async def test_parallel_is_two_authors_at_once(
    team_run: EvaluatedRun, one: tuple[int, int], two: tuple[int, int], author: str, passes: bool
) -> None:
    team_run.github.pull(1, "dev-1", A, opened=one[0], merged=one[1])
    team_run.github.pull(2, author, B, opened=two[0], merged=two[1])
    found = await team_run.look("pull_request_merged", parallel=True)
    assert found.passed is passes
    assert passes or found.summary == "no two authors had pull requests open at the same time"


@pytest.mark.parametrize(
    ("source", "repo", "order", "passes"),
    [
        ("world-github", "acme/shortlink", "opened 1, opened 2, merged 1, merged 2", True),
        ("world-github", "acme/shortlink", "opened 2, opened 1, merged 1, merged 2", True),
        ("world-github", "acme/shortlink", "opened 1, merged 1, opened 2, merged 2", False),
        ("world-github", "acme/shortlink", "opened 1, opened 2, merged 1", False),
        ("world-github", "acme/other", "opened 1, opened 2, merged 1, merged 2", False),
        ("dev-1", "acme/shortlink", "opened 1, opened 2, merged 1, merged 2", False),  # an agent's word
    ],
)
async def test_within_one_second_the_order_of_the_record_tells_what_was_open_at_once(
    team_run: EvaluatedRun, source: str, repo: str, order: str, passes: bool
) -> None:
    team_run.github.pull(1, "dev-1", A, opened=1, merged=1)
    team_run.github.pull(2, "dev-2", B, opened=1, merged=1)
    for step in order.split(", "):
        change, number = step.split()
        resource = f"{repo}#{number}"
        change = f"github.pull_request.{change}"
        team_run.happened(source, WorldChanged(service="github", change=change, actor="dev-1", resource=resource))
    assert (await team_run.look("pull_request_merged", parallel=True)).passed is passes


@pytest.mark.parametrize(
    ("body", "closes"),
    [
        ("Closes #3", True),
        ("fixes: #3", True),
        ("It RESOLVED acme/shortlink#3.", True),
        ("Fixes other/place#3", False),
        ("Closes #31", False),
        ("See #3", False),
        ("Discloses #3", False),
        (None, False),
    ],
)
async def test_an_issue_is_resolved_by_a_merged_pull_request(
    team_run: EvaluatedRun, body: str | None, closes: bool
) -> None:
    team_run.github.issue(3)
    team_run.github.pull(4, "dev-1", A, body=body)
    found = await team_run.look("issues_resolved")
    assert found.passed is closes
    assert closes or found.summary == "0 of 1 closed by a merged pull request"


async def test_an_issue_closed_by_hand_or_by_an_unmerged_pull_request_is_not_resolved(team_run: EvaluatedRun) -> None:
    team_run.github.issue(3)
    team_run.github.issue(4, pull=True)
    team_run.github.pull(4, "dev-1", A, body="Closes #3", merged=None)
    assert not (await team_run.look("issues_resolved")).passed


async def test_none_may_be_left_open(team_run: EvaluatedRun) -> None:
    team_run.github.issue(3)
    team_run.github.issue(5, "open")
    team_run.github.pull(4, "dev-1", A, body="Closes #3")
    assert (await team_run.look("issues_resolved")).summary == "still open: #5"
    assert (await team_run.look("issues_resolved", all=False)).passed


async def test_issues_in_a_state(team_run: EvaluatedRun) -> None:
    team_run.github.issue(1, "open", labels=["bug"], title="It breaks", author="qa")
    assert (await team_run.look("issue_state", label="bug")).summary == "0 of 1 issues labelled bug closed"
    assert (await team_run.look("issue_state", label="bug", state="open", title="^It", author_role="qa")).passed
    assert not (await team_run.look("issue_state", state="open", author_role="lead")).passed
    assert not (await team_run.look("issue_state", state="open", title="^break")).passed


async def test_a_release(team_run: EvaluatedRun) -> None:
    team_run.github.releases = [{"tag_name": "v1.0.0", "draft": True}, {"tag_name": "try", "draft": False}]
    found = await team_run.look("release_published")
    assert (found.passed, found.summary) == (False, r"no release fits '^v\\d+\\.\\d+'; there is try")
    team_run.github.releases[0]["draft"] = False
    found = await team_run.look("release_published")
    assert (found.passed, found.details) == (True, {"version": "v1.0.0"})


async def test_checks(team_run: EvaluatedRun) -> None:
    assert (await team_run.look("checks_passed")).summary == "no check ever ran on the head of main"
    assert (await team_run.look("checks_passed", branch="release")).summary == "there is no branch release"
    team_run.github.check("skipped")
    assert (await team_run.look("checks_passed")).summary == "every check on main was skipped"
    team_run.github.check("success")
    assert (await team_run.look("checks_passed")).passed
    team_run.github.check(None, "slow")
    assert (await team_run.look("checks_passed")).summary == "not passed on main: slow"


async def test_the_hundred_and_first_check_counts_too(team_run: EvaluatedRun) -> None:
    for _ in range(100):
        team_run.github.check("success")
    team_run.github.check("failure", "last")
    assert (await team_run.look("checks_passed")).summary == "not passed on main: last"


@pytest.mark.parametrize(
    "kind", ["pull_request_merged", "issues_resolved", "issue_state", "release_published", "checks_passed"]
)
async def test_github_that_does_not_answer_is_no_finding(team_run: EvaluatedRun, kind: str) -> None:
    team_run.github.broken = 502
    assert "GitHub answered 502" in await team_run.blind(kind)
    team_run.settings = {}
    assert "no repository" in await team_run.blind(kind)
