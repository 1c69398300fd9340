"""Accounts and organisations in full."""

from __future__ import annotations

from practicum.world.github.core import Core
from practicum.world.github.render.basics import Object, node_id, simple_user, stamp
from practicum.world.github.state import Account


def public_user(core: Core, account: Account) -> Object:
    """The schema `public-user`."""
    owned = [repo for repo in core.store.repositories.values() if repo.owner == account.login]
    return {
        **simple_user(core, account),
        "name": account.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": account.email or None,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": sum(not repo.private for repo in owned),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": stamp(account.created_at),
        "updated_at": stamp(account.created_at),
    }


def private_user(core: Core, account: Account) -> Object:
    """The schema `private-user`: what an account is told of itself."""
    private = sum(repo.private for repo in core.store.repositories.values() if repo.owner == account.login)
    return {
        **public_user(core, account),
        "user_view_type": "private",
        "notification_email": account.email or None,
        "private_gists": 0,
        "total_private_repos": private,
        "owned_private_repos": private,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
    }


def simple_organization(core: Core, account: Account) -> Object:
    """The schema `organization-simple`."""
    api = f"{core.api}/orgs/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("Organization", account.id),
        "url": api,
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events",
        "hooks_url": f"{api}/hooks",
        "issues_url": f"{api}/issues",
        "members_url": f"{api}/members{{/member}}",
        "public_members_url": f"{api}/public_members{{/member}}",
        "avatar_url": f"{core.html}/avatars/{account.id}",
        "description": account.name,
    }


def organization(core: Core, account: Account) -> Object:
    """The schema `organization-full`."""
    owned = [repo for repo in core.store.repositories.values() if repo.owner == account.login]
    return {
        **simple_organization(core, account),
        "name": account.name,
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": sum(not repo.private for repo in owned),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"{core.html}/{account.login}",
        "type": "Organization",
        "created_at": stamp(account.created_at),
        "updated_at": stamp(account.created_at),
        "archived_at": None,
    }
