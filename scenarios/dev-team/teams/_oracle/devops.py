"""The DevOps engineer: checks on every change, the release, its deployment, and an eye on it."""

from __future__ import annotations

import json
import re

from _oracle.plan import Plan
from _oracle.stages import CLONE, files
from _oracle.texts import CHOOSE, KEEP, NOTES, SHORTEN
from _oracle.work import Member
from practicum.agents.filters import changed, facts, message, timer
from practicum.agents.tools.deploy import Deployment, Probe, deploy, probe, rollback
from practicum.agents.tools.discord import discord_post
from practicum.agents.tools.github import create_release, list_issues
from practicum.agents.tools.slack import slack_post
from practicum.agents.tools.team import finish, set_timer
from practicum.models.script import Pending, ToolFailed, Turn

PROBES = 3
PAUSE_S = 0.3
FAILURES = 2
"""So many failing probes in a row are an alert."""


async def operate(turn: Turn, plan: Plan) -> None:
    """The whole of the DevOps engineer's work."""
    member = Member(turn, plan)
    await turn.until(message(member.one("product-manager")))
    if plan.devops_commits:
        await _set_up_checks(member)
    told = await turn.until(message(member.one("lead"), contains="everything is in"))
    found = re.search(r"\b[0-9a-f]{40}\b", told.body.text)
    if found is None:
        raise RuntimeError("the lead did not say which commit is to be released")
    await _release(member, found[0])
    deployed = await _deploy(member, found[0])
    well = await watch(member, PROBES) if plan.watches else True
    if not well:
        await turn.call(finish, summary=f"{plan.tag} was rolled back: it did not stay healthy.")
        return
    await _announce(member, deployed)
    await turn.call(finish, summary=f"{plan.tag} is released, deployed and healthy; its users know.")


async def _set_up_checks(member: Member) -> None:
    """The workflow and the Procfile, early, so that every change after it is checked."""
    without = () if member.plan.has_checks else (".github/workflows/ci.yml", "tests/test_deployment.py")
    await member.clone()
    await member.change("checks", files("ci", without=without), "Run the tests on every change")
    body = "Tests on every pull request and on main; a Procfile for the deploy target."
    await member.propose("checks", "Checks and Procfile", body, "Checks on every pull request are coming with #{}.")


async def _release(member: Member, sha: str) -> None:
    """Publish the release, once the checks of main have passed on that very commit."""
    turn, plan = member.turn, member.plan
    if plan.has_checks:
        checked = facts(await turn.until(changed("github.check.completed", sha=sha)))
        if checked["conclusion"] != "success":
            raise RuntimeError(f"main is not releasable: {checked['name']} ended with {checked['conclusion']}")
    issues = {issue.title: issue.number for issue in await turn.call(list_issues, state="all")}
    notes = NOTES.format(shorten=issues[SHORTEN], keep=issues[KEEP], choose=issues[CHOOSE])
    await turn.call(create_release, tag=plan.tag, name=f"Shortlink {plan.tag}", body=notes, target=sha)


async def _deploy(member: Member, sha: str) -> Deployment:
    """Deploy the released commit and use it once, as a user would.

    Raises:
        RuntimeError: what was deployed does not do what it is for.
    """
    turn, plan = member.turn, member.plan
    await member.clone()
    ref = sha if plan.deploys_the_release else f"{sha}~1"
    deployed = await turn.call(deploy, path=CLONE, version=plan.tag, ref=ref)
    health, made = await turn.gather(
        Pending(probe, {"path": "/health"}),
        Pending(probe, {"path": "/links", "method": "POST", "body": json.dumps({"url": "https://example.com/talk"})}),
    )
    if deployed.state != "running" or not _is_well(health) or made.status != 201:
        raise RuntimeError(f"{plan.tag} is deployed and does not work: {deployed.reason or health.body}")
    stats = await turn.call(probe, path=f"/links/{json.loads(made.body)['code']}/stats")
    if stats.status != 200:
        raise RuntimeError(f"{plan.tag} forgets its links: {stats.body}")
    return deployed


def _is_well(answer: Probe | ToolFailed) -> bool:
    return isinstance(answer, Probe) and answer.status == 200 and json.loads(answer.body).get("status") == "ok"


async def watch(member: Member, probes: int) -> bool:
    """Probe the service on a timer. Two failures in a row are an alert: the team hears of it and it is rolled back.

    Returns:
        Whether it stayed well.
    """
    turn, failures = member.turn, 0
    for _ in range(probes):
        pause = await turn.call(set_timer, seconds=PAUSE_S, note="look at /health")
        await turn.until(timer(pause.timer))
        failures = 0 if _is_well(await turn.attempt(probe, path="/health")) else failures + 1
        if failures == FAILURES:
            text = f"ALERT: /health failed {FAILURES} times in a row. Rolling back."
            await turn.gather(Pending(slack_post, {"channel": "dev", "text": text}))
            await turn.attempt(rollback)
            return False
    return True


async def _announce(member: Member, deployed: Deployment) -> None:
    """Tell the users and the team."""
    plan = member.plan
    text = (
        "Shortlink v1.0.0 is out! Make short links, see how often they are followed, and choose your own code: "
        "PUT /links/talk, as Ada asked. How: docs/usage.md."
    )
    calls = [Pending(discord_post, {"channel": "announcements", "text": text})] if plan.announces else []
    calls += member.slack(f"{plan.tag} runs at commit {deployed.commit[:8]}, three probes were fine. Well done!")
    if calls:
        await member.turn.gather(*calls)
