"""A developer: solves the issues that are assigned to him, reworks what a review asks for, reviews a colleague."""

from __future__ import annotations

import re
from dataclasses import dataclass

from _oracle.plan import Plan
from _oracle.stages import CLONE, files
from _oracle.texts import CHOOSE, DEFECT, KEEP, SHORTEN
from _oracle.work import Member
from practicum.agents.filters import Fits, changed, facts, issue_assigned, message, timer
from practicum.agents.tools.git import git_branch, git_merge, git_push
from practicum.agents.tools.github import (
    PullRequest,
    comment,
    merge_pull_request,
    pull_request_files,
    request_review,
    review_pull_request,
)
from practicum.agents.tools.team import set_timer
from practicum.models.script import Pending, Turn

_BRANCH = re.compile(r"branch `([\w./-]+)`")


@dataclass(frozen=True)
class Solution:
    """How an issue is solved."""

    stage: str
    message: str
    tests: str
    body: str


SOLUTIONS = {
    SHORTEN: Solution(
        "issue-shorten",
        "Make short links and follow them",
        "Test shortening, following and what is refused",
        "Two routes in a feature of their own.",
    ),
    KEEP: Solution(
        "issue-store",
        "Keep links in a file, and say how often they were followed",
        "Test restarts, a crash in the middle of a line, and the stats",
        "The file is only ever appended to, so a crash can lose no more than the line that was being written.",
    ),
    CHOOSE: Solution(
        "issue-chosen",
        "Let users choose their own code",
        "Test chosen codes: taken ones, odd ones, the same again",
        "`PUT`, because asking twice for the same changes nothing.",
    ),
}


async def develop(turn: Turn, plan: Plan) -> None:
    """The whole of a developer's work: whatever comes next, until the run is over."""
    member = Member(turn, plan)
    await turn.until(message(member.one("product-manager")))
    await member.clone()
    while True:
        event = await turn.until(_asked(turn.me))
        known = facts(event)
        match known["change"]:
            case "github.issue.assigned":
                await _solve(member, known["number"], known["title"], known["body"])
            case "github.review.submitted":
                await _rework(member, known["number"], known["branch"])
            case _:
                await _review(member, known["number"], known["branch"])


def _asked(me: str) -> Fits:
    """Something is asked of a developer."""
    return (
        issue_assigned(me)
        | changed("github.review.submitted", author=me, state="changes_requested")
        | changed("github.pull_request.review_requested", reviewer=me)
    )


async def _solve(member: Member, number: int, title: str, body: str) -> None:
    if title == DEFECT:
        await _fix(member, number, body)
    elif member.plan.one_issue_a_pull_request or title == SHORTEN:
        await _build(member, number, title)
    else:
        other = facts(await member.turn.until(issue_assigned(member.me)))
        both = {title: number, other["title"]: other["number"]}
        await _build(member, both[KEEP], KEEP, also=(both[CHOOSE], CHOOSE))


async def _build(member: Member, number: int, title: str, *, also: tuple[int, str] | None = None) -> PullRequest:
    """Solve an issue on a branch of its own and open the pull request."""
    turn, plan, how = member.turn, member.plan, SOLUTIONS[title]
    if not plan.in_parallel and title != SHORTEN:
        await _wait_for_the_other(member)
    stages = [how.stage]
    if title == SHORTEN and not plan.forgets_loops:
        stages.append("rework-shorten")
    if title == KEEP and not plan.tests_everything:
        stages.append("untested")
    closes = f"Closes #{number}." if plan.closes_issues or title != KEEP else "Solves what was asked for."
    if also:
        stages.append(SOLUTIONS[also[1]].stage)
        closes += f" Closes #{also[0]}."
    branch = f"issue-{number}"
    await member.change(branch, files(*stages), f"{how.message} (#{number})", tests=how.tests)
    pull = await member.propose(
        branch, title, f"{how.body}\n\n{closes}", f"#{{}} is ready for review: {title.lower()}."
    )
    if plan.oversteps and title == SHORTEN:
        await turn.attempt(merge_pull_request, number=pull.number)
    return pull


async def _wait_for_the_other(member: Member) -> None:
    """Until the first developer's pull request is merged, and the second in which that happened is over."""
    if member.waited:
        return
    member.waited = True
    others = set(member.turn.agents("developer")) - {member.me}
    await member.turn.until(changed("github.pull_request.merged", author=lambda login: login in others))
    pause = await member.turn.call(set_timer, seconds=1.1)
    await member.turn.until(timer(pause.timer))


async def _rework(member: Member, number: int, branch: str) -> None:
    """Do what a review asks for, on the same branch, with what came into main meanwhile."""
    turn = member.turn
    await turn.call(git_branch, path=CLONE, name=branch)
    merged = await turn.call(git_merge, path=CLONE)
    if merged.conflicts:
        raise RuntimeError(f"#{number} and main collide in {', '.join(merged.conflicts)}")
    await member.commit(
        files("rework-shorten"), "Refuse links that lead back to us", tests="Test loops in all their spellings"
    )
    await turn.call(git_push, path=CLONE)
    text = "Right, I had forgotten that one. Addresses of ours are refused now, however they are written; main is in."
    await turn.gather(
        Pending(comment, {"number": number, "body": text}), *member.slack(f"#{number} refuses loops now, have a look.")
    )


async def _review(member: Member, number: int, branch: str) -> None:
    """Read a colleague's change, run its tests, and say what one found."""
    turn = member.turn
    changes, _ = await turn.gather(
        Pending(pull_request_files, {"number": number}), Pending(git_branch, {"path": CLONE, "name": branch})
    )
    done = await member.test()
    if done.exit_code:
        text = f"The tests fail for me:\n\n```\n{done.stderr[-1500:]}\n```"
        await turn.call(review_pull_request, number=number, event="REQUEST_CHANGES", body=text)
        return
    text = f"Read all {len(changes)} files and ran the tests: they pass. Features that are found by themselves, nice."
    await turn.gather(
        Pending(review_pull_request, {"number": number, "event": "APPROVE", "body": text}),
        *member.slack(f"#{number} looks good to me, we can build on that."),
    )


async def _fix(member: Member, number: int, body: str) -> None:
    """Fix a defect, on the tester's branch where there is one: the test that shows it stays in the history."""
    turn = member.turn
    named = _BRANCH.search(body)
    if named:
        branch = named[1]
        await turn.call(git_branch, path=CLONE, name=branch)
        await member.commit(files("fix"), f"Keep the service's own words from being chosen (#{number})")
        await turn.call(git_push, path=CLONE)
    else:
        branch = f"issue-{number}"
        await member.change(
            branch,
            files("defect", "fix"),
            f"Keep the service's own words from being chosen (#{number})",
            tests="Test that a code that was given can be followed",
        )
    why = "The router knows which paths are the service's own; a code that is one of them is refused with 409."
    pull = await member.propose(branch, "Refuse the service's own words as codes", f"{why}\n\nFixes #{number}.")
    await turn.gather(
        Pending(request_review, {"number": pull.number, "reviewers": [member.one("qa")]}),
        *member.slack(f"Fixed in #{pull.number}. Good catch, {member.one('qa')}!"),
    )
