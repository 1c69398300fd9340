"""Requested reviewers."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.github.access import role_of
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.editing import note
from practicum.world.github.errors import ApiError, unprocessable
from practicum.world.github.facts import pull_facts
from practicum.world.github.pulls import sync
from practicum.world.github.render.basics import user
from practicum.world.github.render.issues import people
from practicum.world.github.render.pulls import pull_simple
from practicum.world.github.state import IssueEvent


@handles("GET", "~/pulls/{pull_number}/requested_reviewers")
async def requested(call: Call) -> Reply:
    _, pull = call.pull()
    return Reply({"users": people(call.core, pull.requested_reviewers), "teams": []})


@handles("POST", "~/pulls/{pull_number}/requested_reviewers")
async def request(call: Call) -> Reply:
    core, repo = call.core, call.repo
    issue, pull = call.pull()
    wanted = call.body.texts("reviewers") or []
    for login in wanted:
        if login == issue.user:
            raise unprocessable("Review cannot be requested from pull request author.")
        if core.store.account(login) is None or (login not in repo.collaborators and role_of(repo, login) != "admin"):
            raise unprocessable(
                "Reviews may only be requested from collaborators. One or more of the users or teams you specified is "
                f"not a collaborator of the {repo.full_name} repository."
            )
    for login in dict.fromkeys(wanted):
        if login in pull.requested_reviewers:
            continue
        pull.requested_reviewers.append(login)
        note(core, issue, IssueEvent(core.next_id(), "review_requested", call.login, core.now(), reviewer=login))
        facts: dict[str, Json] = {**pull_facts(core, repo, issue, pull), "reviewer": login}
        await core.changed("pull_request.review_requested", repo, call.by, facts, number=issue.number)
        more = {"requested_reviewer": user(core, login)}
        await sync.fire(core, repo, "review_requested", issue, pull, call.by, {**more})
    return Reply(pull_simple(core, repo, issue, pull), 201)


@handles("DELETE", "~/pulls/{pull_number}/requested_reviewers")
async def remove(call: Call) -> Reply:
    issue, pull = call.pull()
    gone = call.body.texts("reviewers")
    if gone is None:
        raise ApiError(422, 'Invalid request.\n\n"reviewers" wasn\'t supplied.')
    for login in gone:
        if login in pull.requested_reviewers:
            pull.requested_reviewers.remove(login)
            event = IssueEvent(call.core.next_id(), "review_request_removed", call.login, call.core.now())
            event.reviewer = login
            note(call.core, issue, event)
    return Reply(pull_simple(call.core, call.repo, issue, pull))
