"""Milestones."""

from __future__ import annotations

from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import invalid, not_found
from practicum.world.github.render.issues import full_milestone as render
from practicum.world.github.render.issues import label as render_label
from practicum.world.github.state import Milestone


def _milestone(call: Call) -> Milestone:
    found = call.repo.milestones.get(call.number("milestone_number"))
    if found is None:
        raise not_found()
    return found


@handles("GET", "~/milestones")
async def milestones(call: Call) -> Reply:
    state = call.query("state", "open")
    found = [each for each in call.repo.milestones.values() if state in ("all", each.state)]
    return call.listing(found, lambda each: render(call.core, call.repo, each))


@handles("POST", "~/milestones")
async def create(call: Call) -> Reply:
    title, now = call.body.need("title", "Milestone"), call.core.now()
    if any(each.title == title for each in call.repo.milestones.values()):
        raise invalid("Milestone", "title", "already_exists")
    number = max(call.repo.milestones, default=0) + 1
    made = Milestone(call.core.next_id(), number, title, call.login, now, now, call.body.text("description"))
    made.due_on = call.body.text("due_on")
    call.repo.milestones[number] = made
    _set_state(call, made)
    return Reply(render(call.core, call.repo, made), 201)


def _set_state(call: Call, milestone: Milestone) -> None:
    state = call.body.text("state")
    if state is None:
        return
    if state not in ("open", "closed"):
        raise invalid("Milestone", "state")
    milestone.state = state
    milestone.closed_at = call.core.now() if state == "closed" else None


@handles("GET", "~/milestones/{milestone_number}")
async def get(call: Call) -> Reply:
    return Reply(render(call.core, call.repo, _milestone(call)))


@handles("PATCH", "~/milestones/{milestone_number}")
async def edit(call: Call) -> Reply:
    milestone = _milestone(call)
    milestone.title = call.body.text("title") or milestone.title
    if "description" in call.body:
        milestone.description = call.body.text("description")
    if "due_on" in call.body:
        milestone.due_on = call.body.text("due_on")
    _set_state(call, milestone)
    milestone.updated_at = call.core.now()
    return Reply(render(call.core, call.repo, milestone))


@handles("DELETE", "~/milestones/{milestone_number}")
async def delete(call: Call) -> Reply:
    milestone = _milestone(call)
    del call.repo.milestones[milestone.number]
    for issue in call.repo.issues.values():
        if issue.milestone == milestone.number:
            issue.milestone = None
    return Reply(status=204)


@handles("GET", "~/milestones/{milestone_number}/labels")
async def labels(call: Call) -> Reply:
    number = _milestone(call).number
    names = {name.lower() for issue in call.repo.issues.values() if issue.milestone == number for name in issue.labels}
    found = [label for key, label in call.repo.labels.items() if key in names]
    return call.listing(found, lambda each: render_label(call.core, call.repo, each))
