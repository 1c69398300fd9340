"""The proctor's tables and the world's were written apart from each other; here they are held to each other."""

import re
from collections.abc import Iterable

import pytest

from practicum.proctor.gateway.routes import deploy, discord, github, slack
from practicum.proctor.gateway.routes.table import Parts, Route
from practicum.world.deploy import permissions as world_deploy
from practicum.world.discord import permissions as world_discord
from practicum.world.github import permissions as world_github
from practicum.world.slack import permissions as world_slack


def shape(template: str) -> str:
    """A template without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", template)


def by_shape(routes: Iterable[Route]) -> dict[str, Route]:
    return {f"{route.method} {shape(route.template)}": route for route in routes}


GITHUB_STRICTER_OR_IMPLIED = {
    # every fine-grained token has metadata:read, so the world does not ask for it
    "GET /user/repos": "metadata",
    "GET /orgs/{}/repos": "metadata",
    "GET /users/{}/repos": "metadata",
    # a search finds issues, so the proctor wants the permission to read them
    "GET /search/issues": "issues",
}

GITHUB_ONLY_IN_THE_WORLD = {
    "GET /",  # the listing of the API's addresses
    "GET /repositories/{}",  # a repository by number cannot be held against a charter's names
    "GET /search/repositories",  # reaches every repository of the account
}


def test_github_tables_agree() -> None:
    ours = by_shape(github.ROUTES)
    unknown, different = [], []
    for theirs in world_github.ROUTES:
        name = f"{theirs.method} {shape(theirs.template)}"
        route = ours.get(name) or ours.get(re.sub(r"protection/\w+$", "protection/{}", name))
        if route is None:
            if name not in GITHUB_ONLY_IN_THE_WORLD:
                unknown.append(name)
            continue
        allowed = {theirs.permission, GITHUB_STRICTER_OR_IMPLIED.get(name, theirs.permission)}
        if route.permission not in allowed or route.level != theirs.level:
            different.append(f"{name}: {route.permission}:{route.level} here, {theirs.permission}:{theirs.level} there")
        elif name not in GITHUB_STRICTER_OR_IMPLIED and tuple(filter(None, [route.alternative])) != theirs.alternatives:
            different.append(f"{name}: alternatives {route.alternative!r} here, {theirs.alternatives} there")
    assert unknown == []
    assert different == []


def test_slack_tables_agree() -> None:
    ours = {route.template.strip("/"): route for route in slack.ROUTES if route.method == "POST"}
    theirs = world_slack.ROUTES
    assert [method for method in theirs if method not in ours] == []
    assert {m: (ours[m].permission, theirs[m]) for m in theirs if ours[m].permission != theirs[m]} == {}


DISCORD_NEVER_THROUGH_THE_GATEWAY = ("webhooks", "commands")
"""A Discord webhook's address is a credential of its own; commands belong to the application, not to a channel."""


def test_discord_tables_agree() -> None:
    ours = by_shape(discord.ROUTES)
    unknown, different = [], []
    for name, action in world_discord.ROUTES.items():
        if any(part in name for part in DISCORD_NEVER_THROUGH_THE_GATEWAY):
            continue
        route = ours.get(shape(name))
        if route is None:
            unknown.append(name)
        elif route.permission != action:
            different.append((name, route.permission, action))
    assert unknown == []
    assert different == []


def test_deploy_tables_agree() -> None:
    ours = {(route.method, shape(route.template)): route.permission for route in deploy.ROUTES}
    for (method, template), action in world_deploy.ROUTES.items():
        for each in ("GET", "POST", "PUT", "DELETE") if method == "*" else (method,):
            assert ours.get((each, shape(template))) == action, (each, template)


@pytest.mark.parametrize(
    ("query", "repository"),
    [
        ("repo:acme/shortlink is:open", "acme/shortlink"),
        ("is:open", None),
        ("repo:acme/a repo:acme/b", None),
        ("repo:acme/a OR repo:evil/b", None),
        ('"repo:acme/a" secret', None),
        ("-repo:acme/a secret", None),
        ("repo:acme/a user:evil", None),
        ("(repo:acme/a) x", None),
    ],
)
def test_a_search_is_confined_to_one_repository_or_reaches_all(query: str, repository: str | None) -> None:
    access = github.classify(Parts("GET", ("search", "issues"), {"q": query}))
    assert access is not None
    assert access.resource == (repository or "*")
