"""Forms that every resource uses: times, node ids, accounts."""

from __future__ import annotations

import base64
from datetime import datetime

from practicum.bus.events import Json
from practicum.world.github.core import Core
from practicum.world.github.state import Account, Repository

Object = dict[str, Json]


def stamp(when: datetime) -> str:
    """`2026-11-20T12:00:00Z`: GitHub's form, UTC, whole seconds."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(when: datetime | None) -> str | None:
    return None if when is None else stamp(when)


def node_id(kind: str, id_: int | str) -> str:
    """A global id of the older form: base 64 of a length, a kind and an id."""
    return base64.b64encode(f"0{len(kind)}:{kind}{id_}".encode()).decode()


def user(core: Core, login: str | None) -> Object | None:
    """An account where it is only mentioned; None for one that is gone."""
    account = core.store.account(login) if login else None
    return None if account is None else simple_user(core, account)


def simple_user(core: Core, account: Account) -> Object:
    """The schema `simple-user`."""
    api = f"{core.api}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(account.kind, account.id),
        "avatar_url": f"{core.html}/avatars/{account.id}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{core.html}/{account.login}",
        "followers_url": f"{api}/followers",
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{api}/subscriptions",
        "organizations_url": f"{api}/orgs",
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}",
        "received_events_url": f"{api}/received_events",
        "type": account.kind,
        "site_admin": False,
        "user_view_type": "public",
    }


def association(core: Core, repo: Repository, login: str) -> str:
    """How an account stands to a repository: the schema `author-association`."""
    if login == repo.owner:
        return "OWNER"
    if login in repo.collaborators:
        owner = core.store.account(repo.owner)
        return "MEMBER" if owner is not None and owner.kind == "Organization" else "COLLABORATOR"
    return "NONE"
