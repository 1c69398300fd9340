"""Commit statuses."""

from __future__ import annotations

from practicum.world.github import webhooks
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import invalid
from practicum.world.github.render.checks import combined_status
from practicum.world.github.render.checks import status as render
from practicum.world.github.routes.commits import need_commit
from practicum.world.github.state import Status


@handles("POST", "~/statuses/{sha}")
async def create(call: Call) -> Reply:
    core, repo, body = call.core, call.repo, call.body
    state, sha = body.need("state", "Status"), (await need_commit(call, call.arg("sha"))).sha
    if state not in ("error", "failure", "pending", "success"):
        raise invalid("Status", "state")
    made = Status(
        core.next_id(),
        sha,
        state,
        body.text("context") or "default",
        body.text("description"),
        body.text("target_url"),
        call.login,
        core.now(),
    )
    repo.statuses.append(made)
    facts = {
        "state": state,
        "context": made.context,
        "description": made.description,
        "sha": sha,
        "target_url": made.target_url,
    }
    await core.changed("status.created", repo, call.by, {**facts})
    await webhooks.fire(
        core, repo, "status", None, call.by, lambda: {**render(core, repo, made), "sha": sha, "name": repo.full_name}
    )
    shown = render(core, repo, made)
    return Reply(shown, 201, {"Location": str(shown["url"])})


@handles("GET", "~/commits/{ref}/statuses")
@handles("GET", "~/statuses/{sha}")
async def statuses(call: Call) -> Reply:
    sha = (await need_commit(call, call.arg("ref") or call.arg("sha"))).sha
    found = [status for status in reversed(call.repo.statuses) if status.sha == sha]
    return call.listing(found, lambda each: render(call.core, call.repo, each))


@handles("GET", "~/commits/{ref}/status")
async def combined(call: Call) -> Reply:
    sha = (await need_commit(call, call.arg("ref"))).sha
    return Reply(combined_status(call.core, call.repo, sha))
