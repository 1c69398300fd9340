"""Who may do what in a repository."""

from __future__ import annotations

from practicum.world.github.access import role_name, role_of
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import invalid, not_found
from practicum.world.github.render.repositories import collaborator

_COARSE = {"maintain": "write", "triage": "read"}


@handles("GET", "~/collaborators")
async def collaborators(call: Call) -> Reply:
    roles = {call.repo.owner: "admin", **call.repo.collaborators}
    people = [(call.core.person(login), role) for login, role in sorted(roles.items())]
    people = [(account, role) for account, role in people if account.kind != "Organization"]
    return call.listing(people, lambda pair: collaborator(call.core, pair[0], pair[1]))


@handles("GET", "~/collaborators/{username}")
async def is_collaborator(call: Call) -> Reply:
    login = call.arg("username")
    if login not in call.repo.collaborators and login != call.repo.owner:
        raise not_found()
    return Reply(status=204)


@handles("GET", "~/collaborators/{username}/permission")
async def permission(call: Call) -> Reply:
    account = call.core.store.account(call.arg("username"))
    if account is None:
        raise not_found()
    role = role_of(call.repo, account.login)
    return Reply(
        {
            "permission": _COARSE.get(role, role),
            "role_name": role,
            "user": collaborator(call.core, account, role),
        }
    )


@handles("PUT", "~/collaborators/{username}")
async def add(call: Call) -> Reply:
    """Add at once: the simulated accounts accept every invitation, so the answer is the 204 of a known collaborator."""
    account = call.core.store.account(call.arg("username"))
    if account is None:
        raise not_found()
    role = role_name(call.body.text("permission") or "push")
    if role is None:
        raise invalid("Repository", "permission")
    call.repo.collaborators[account.login] = role
    return Reply(status=204)


@handles("DELETE", "~/collaborators/{username}")
async def remove(call: Call) -> Reply:
    call.repo.collaborators.pop(call.arg("username"), None)
    return Reply(status=204)
