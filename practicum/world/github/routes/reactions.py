"""Reactions to issues and to comments."""

from __future__ import annotations

from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import invalid, not_found
from practicum.world.github.render.issues import REACTIONS
from practicum.world.github.render.issues import reaction as render
from practicum.world.github.routes.comments import need_comment
from practicum.world.github.state import Reaction


def _list(call: Call, reactions: list[Reaction]) -> Reply:
    content = call.query("content")
    found = [each for each in reactions if content in ("", each.content)]
    return call.listing(found, lambda each: render(call.core, each))


def _add(call: Call, reactions: list[Reaction]) -> Reply:
    content = call.body.need("content", "Reaction")
    if content not in REACTIONS:
        raise invalid("Reaction", "content")
    for each in reactions:
        if each.user == call.login and each.content == content:
            return Reply(render(call.core, each))
    made = Reaction(call.core.next_id(), call.login, content, call.core.now())
    reactions.append(made)
    return Reply(render(call.core, made), 201)


def _remove(call: Call, reactions: list[Reaction]) -> Reply:
    for each in reactions:
        if each.id == call.number("reaction_id") and each.user == call.login:
            reactions.remove(each)
            return Reply(status=204)
    raise not_found()


@handles("GET", "~/issues/{issue_number}/reactions")
async def of_issue(call: Call) -> Reply:
    return _list(call, call.issue().reactions)


@handles("POST", "~/issues/{issue_number}/reactions")
async def to_issue(call: Call) -> Reply:
    return _add(call, call.issue().reactions)


@handles("DELETE", "~/issues/{issue_number}/reactions/{reaction_id}")
async def from_issue(call: Call) -> Reply:
    return _remove(call, call.issue().reactions)


@handles("GET", "~/issues/comments/{comment_id}/reactions")
async def of_comment(call: Call) -> Reply:
    return _list(call, need_comment(call).reactions)


@handles("POST", "~/issues/comments/{comment_id}/reactions")
async def to_comment(call: Call) -> Reply:
    return _add(call, need_comment(call).reactions)


@handles("DELETE", "~/issues/comments/{comment_id}/reactions/{reaction_id}")
async def from_comment(call: Call) -> Reply:
    return _remove(call, need_comment(call).reactions)
