"""The root, `/meta`, and the rate limit."""

from __future__ import annotations

from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.render.basics import Object

_SEARCH = "?q={query}{&page,per_page,sort,order}"
_PLACES = {
    "current_user_url": "user",
    "current_user_authorizations_html_url": "settings/connections/applications{/client_id}",
    "authorizations_url": "authorizations",
    "code_search_url": f"search/code{_SEARCH}",
    "commit_search_url": f"search/commits{_SEARCH}",
    "emails_url": "user/emails",
    "emojis_url": "emojis",
    "events_url": "events",
    "feeds_url": "feeds",
    "followers_url": "user/followers",
    "following_url": "user/following{/target}",
    "gists_url": "gists{/gist_id}",
    "issue_search_url": f"search/issues{_SEARCH}",
    "issues_url": "issues",
    "keys_url": "user/keys",
    "label_search_url": "search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "notifications",
    "organization_url": "orgs/{org}",
    "organization_repositories_url": "orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "orgs/{org}/teams",
    "public_gists_url": "gists/public",
    "rate_limit_url": "rate_limit",
    "repository_url": "repos/{owner}/{repo}",
    "repository_search_url": f"search/repositories{_SEARCH}",
    "current_user_repositories_url": "user/repos{?type,page,per_page,sort}",
    "starred_url": "user/starred{/owner}{/repo}",
    "starred_gists_url": "gists/starred",
    "user_url": "users/{user}",
    "user_organizations_url": "user/orgs",
    "user_repositories_url": "users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": f"search/users{_SEARCH}",
}
"""What the root of the API lists; not everything that it names is simulated."""


@handles("GET", "/")
async def root(call: Call) -> Reply:
    return Reply({name: f"{call.core.api}/{place}" for name, place in _PLACES.items()})


@handles("GET", "/meta")
async def meta(call: Call) -> Reply:
    return Reply({"verifiable_password_authentication": False})


@handles("GET", "/rate_limit")
async def rate_limit(call: Call) -> Reply:
    start, used = call.core.rate.get(call.login, (call.core.context.clock.now().timestamp(), 0))
    core: Object = {
        "limit": call.core.rate_limit,
        "used": used,
        "remaining": max(call.core.rate_limit - used, 0),
        "reset": int(start) + 3600,
    }
    search: Object = {"limit": 30, "used": 0, "remaining": 30, "reset": int(start) + 60}
    return Reply({"resources": {"core": core, "search": search, "graphql": core}, "rate": core})
