"""The quality engineer: tries what nobody thought of, shows a defect with a test, reports the coverage."""

from __future__ import annotations

import re

from _oracle.plan import Plan
from _oracle.stages import CLONE, files, writing
from _oracle.texts import BUG, DEFECT, QUALITY
from _oracle.work import Member
from practicum.agents.filters import changed, facts, message
from practicum.agents.tools.git import git_branch, git_commit, git_push
from practicum.agents.tools.github import Issue, open_issue, pull_request_files, review_pull_request
from practicum.agents.tools.shell import run_command
from practicum.models.script import Pending, Turn

_BRANCH = "reserved-codes"


async def assure(turn: Turn, plan: Plan) -> None:
    """The whole of the tester's work."""
    member = Member(turn, plan)
    await turn.until(message(member.one("product-manager")))
    await member.clone()
    told = await turn.until(message(member.one("lead"), contains="features are in"))
    bug = await _find_defect(member)
    await _report(member, bug, _sha(told.body.text))
    await _review_fix(member)


def _sha(text: str) -> str:
    found = re.search(r"\b[0-9a-f]{40}\b", text)
    return found[0] if found else "main"


async def _find_defect(member: Member) -> Issue:
    """Try the service's own words as codes; what fails becomes a test on a branch, and an issue."""
    turn = member.turn
    await turn.call(git_branch, path=CLONE, name=_BRANCH)
    await turn.gather(*writing(files("defect")))
    done = await member.test()
    if done.exit_code == 0:
        raise RuntimeError("the test passes: there is no defect to report")
    where = f"The test that shows it is on the branch `{_BRANCH}`: `tests/test_reserved_codes.py`."
    if member.plan.tester_commits:
        await turn.call(git_commit, path=CLONE, message="Show that a code which was given cannot always be followed")
        await turn.call(git_push, path=CLONE)
    else:
        where = "Seen in a test of mine that I have not committed."
        await turn.call(run_command, command="rm tests/test_reserved_codes.py", cwd=CLONE)
    bug = await turn.call(open_issue, title=DEFECT, body=BUG.format(where=where), labels=["bug"])
    if member.plan.talks:
        await turn.gather(*member.slack(f"Found one: #{bug.number}. PUT /links/health says 201 and leads nowhere."))
    return bug


async def _report(member: Member, bug: Issue, sha: str) -> None:
    """Acceptance tests, a tool that measures, and what it measured."""
    turn = member.turn
    await turn.call(git_branch, path=CLONE, name="quality")
    await turn.gather(*writing(files("quality")))
    measured = await turn.call(run_command, command="python3 tools/coverage.py shortlink", cwd=CLONE)
    if measured.exit_code:
        raise RuntimeError(f"the acceptance tests fail: {measured.stderr[-2000:]}")
    table, _, tests = measured.stdout.strip().rpartition("\n\n")
    if member.plan.reports_quality:
        defects = f"#{bug.number}: {DEFECT}."
        report = QUALITY.format(sha=sha[:12], tests=tests, table=table, defects=defects)
        await turn.gather(*writing({"docs/quality.md": report}))
    await turn.call(git_commit, path=CLONE, message="Acceptance tests, and what is covered")
    await turn.call(git_push, path=CLONE)
    total = table.rpartition("|")[0].rpartition("|")[2].strip()
    body = f"The brief, point by point, against the running service. {tests}; coverage of the lines {total}."
    said = f"Quality report in #{{}}: {tests}, coverage {total}."
    await member.propose("quality", "Acceptance tests and quality report", body, said)


async def _review_fix(member: Member) -> None:
    """Run the test that failed against the fix."""
    turn = member.turn
    event = await turn.until(changed("github.pull_request.review_requested", reviewer=turn.me))
    known = facts(event)
    await turn.gather(
        Pending(pull_request_files, {"number": known["number"]}),
        Pending(git_branch, {"path": CLONE, "name": known["branch"]}),
    )
    done = await member.test()
    if done.exit_code:
        text = f"It still fails for me:\n\n```\n{done.stderr[-1500:]}\n```"
        await turn.call(review_pull_request, number=known["number"], event="REQUEST_CHANGES", body=text)
        return
    text = "The test that showed it passes now, and so do all others."
    await turn.call(review_pull_request, number=known["number"], event="APPROVE", body=text)
