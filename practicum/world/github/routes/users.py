"""Accounts and organisations."""

from __future__ import annotations

from practicum.world.github.access import can_see
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import not_found
from practicum.world.github.render.basics import simple_user
from practicum.world.github.render.repositories import repository
from practicum.world.github.render.users import organization, private_user, public_user, simple_organization
from practicum.world.github.state import Account, Repository


def _account(call: Call, name: str, *, organization_only: bool = False) -> Account:
    found = call.core.store.account(call.arg(name))
    if found is None or (organization_only and found.kind != "Organization"):
        raise not_found()
    return found


def _visible(call: Call, owner: str | None = None) -> list[Repository]:
    """Repositories that the caller sees, newest first where the query does not say otherwise."""
    found = [
        repo
        for repo in call.core.store.repositories.values()
        if can_see(call.credential, repo) and (owner is None or repo.owner == owner)
    ]
    sort = call.query("sort", "full_name")
    if sort == "full_name":
        return sorted(found, key=lambda repo: repo.full_name, reverse=call.query("direction") == "desc")
    keys = {"created": "created_at", "updated": "updated_at", "pushed": "pushed_at"}
    name = keys.get(sort, "created_at")
    return sorted(
        found, key=lambda repo: getattr(repo, name) or repo.created_at, reverse=call.query("direction", "desc") != "asc"
    )


@handles("GET", "/user")
async def me(call: Call) -> Reply:
    return Reply(private_user(call.core, call.account))


@handles("GET", "/user/repos")
async def my_repositories(call: Call) -> Reply:
    mine = [repo for repo in _visible(call) if call.login == repo.owner or call.login in repo.collaborators]
    return call.listing(mine, lambda repo: repository(call.core, repo, call.login))


@handles("GET", "/user/orgs")
async def my_organizations(call: Call) -> Reply:
    owners = {repo.owner for repo in _visible(call) if call.login in repo.collaborators}
    found = [call.core.person(login) for login in sorted(owners)]
    found = [each for each in found if each.kind == "Organization"]
    return call.listing(found, lambda each: simple_organization(call.core, each))


@handles("GET", "/users/{username}")
async def user(call: Call) -> Reply:
    return Reply(public_user(call.core, _account(call, "username")))


@handles("GET", "/users/{username}/repos")
async def repositories_of_user(call: Call) -> Reply:
    owner = _account(call, "username")
    return call.listing(_visible(call, owner.login), lambda repo: repository(call.core, repo, call.login))


@handles("GET", "/users/{username}/orgs")
async def organizations_of_user(call: Call) -> Reply:
    login = _account(call, "username").login
    owners = {repo.owner for repo in _visible(call) if login in repo.collaborators}
    found = [each for each in map(call.core.person, sorted(owners)) if each.kind == "Organization"]
    return call.listing(found, lambda each: simple_organization(call.core, each))


@handles("GET", "/orgs/{org}")
async def get_organization(call: Call) -> Reply:
    return Reply(organization(call.core, _account(call, "org", organization_only=True)))


@handles("GET", "/orgs/{org}/repos")
async def repositories_of_organization(call: Call) -> Reply:
    owner = _account(call, "org", organization_only=True)
    return call.listing(_visible(call, owner.login), lambda repo: repository(call.core, repo, call.login))


@handles("GET", "/orgs/{org}/members")
async def members(call: Call) -> Reply:
    owner = _account(call, "org", organization_only=True)
    logins = {login for repo in _visible(call, owner.login) for login in repo.collaborators}
    found = [call.core.person(login) for login in sorted(logins)]
    return call.listing(found, lambda each: simple_user(call.core, each))
