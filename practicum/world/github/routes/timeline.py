"""Events and timelines of issues and pull requests."""

from __future__ import annotations

from datetime import datetime

from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.render.basics import Object
from practicum.world.github.render.issues import comment as render_comment
from practicum.world.github.render.issues import event as render_event
from practicum.world.github.render.issues import issue as render_issue
from practicum.world.github.render.pulls import review as render_review


@handles("GET", "~/issues/{issue_number}/events")
async def events(call: Call) -> Reply:
    issue = call.issue()
    return call.listing(issue.events, lambda each: render_event(call.core, call.repo, issue, each))


@handles("GET", "~/issues/events")
async def all_events(call: Call) -> Reply:
    found = [(issue, event) for issue in call.repo.issues.values() for event in issue.events]
    found.sort(key=lambda pair: (pair[1].created_at, pair[1].id), reverse=True)

    def render(index: int) -> Object:
        issue, event = found[index]
        shown = render_event(call.core, call.repo, issue, event)
        return {**shown, "issue": render_issue(call.core, call.repo, issue)}

    return call.listing(range(len(found)), render)


@handles("GET", "~/issues/{issue_number}/timeline")
async def timeline(call: Call) -> Reply:
    core, repo, issue = call.core, call.repo, call.issue()
    entries: list[tuple[datetime, int, Object]] = [
        (event.created_at, event.id, render_event(core, repo, issue, event)) for event in issue.events
    ]
    for comment in issue.comments:
        shown = render_comment(core, repo, comment)
        entries.append((comment.created_at, comment.id, {**shown, "event": "commented", "actor": shown["user"]}))
    for review in issue.pull.reviews if issue.pull else ():
        if review.submitted_at is not None:
            shown = {**render_review(core, repo, issue, review), "event": "reviewed"}
            entries.append((review.submitted_at, review.id, {**shown, "state": review.state.lower()}))
    entries.sort(key=lambda entry: entry[:2])
    return call.listing([entry[2] for entry in entries], lambda each: each)
