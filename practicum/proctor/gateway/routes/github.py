"""GitHub REST: route to fine-grained permission.

Source: docs.github.com, "Permissions required for fine-grained personal access tokens", and the page of each endpoint.
"""

from __future__ import annotations

import re

from practicum.proctor.access import Access
from practicum.proctor.gateway.routes.github_table import ROUTES
from practicum.proctor.gateway.routes.table import Match, Parts, Table

__all__ = ["ROUTES", "TABLE", "classify", "match", "needs_default_branch", "searched_repository"]

TABLE = Table("github", ROUTES)
ANY_REPOSITORY = "*"
"""A call that reaches every repository of the account: only a lease for all of them allows it."""

_WORD = re.compile(r'"[^"]*"|\S+')


def match(parts: Parts) -> Match | None:
    """The route of a request, before its body is read."""
    return TABLE.match(parts.method, parts.segments)


def classify(parts: Parts) -> Access | None:
    """What a request asks for; None for an unknown route."""
    found = match(parts)
    if found is None:
        return None
    return TABLE.access(found, _resource(found, parts), act=_act(found, parts))


def needs_default_branch(parts: Parts) -> str | None:
    """The branch that a request writes to directly, `""` for the default one; None when it writes to none.

    A write to the default branch is the act `push_default`, and only the repository knows which branch that is.
    """
    found = match(parts)
    if found is None:
        return None
    template = found.route.template
    if found.route.method in ("PUT", "DELETE") and template.endswith("/contents/{path+}"):
        return parts.text("branch").removeprefix("refs/heads/")
    if found.route.method == "PATCH" and template.endswith("/git/refs/{ref+}"):
        return found.values["ref"].removeprefix("heads/")
    if found.route.name == "POST /repos/{owner}/{repo}/merges":
        return parts.text("base").removeprefix("refs/heads/")
    return None


def _resource(found: Match, parts: Parts) -> str:
    values, template = found.values, found.route.template
    if template == "/user/repos" and parts.method == "POST":
        return f"{parts.login}/{parts.text('name')}"
    if template == "/orgs/{org}/repos" and parts.method == "POST":
        return f"{values['org']}/{parts.text('name')}"
    if "owner" in values and "repo" in values:
        return f"{values['owner']}/{values['repo']}"
    if template.startswith("/search/"):
        return searched_repository(parts.query.get("q", "")) or ANY_REPOSITORY
    return ""


def searched_repository(query: str) -> str | None:
    """The one repository that a search is confined to; None when it may find things in others.

    Several scope qualifiers widen a search, quoted ones are words, negated ones exclude ("Understanding the search
    syntax", docs.github.com).
    """
    scopes: set[str] = set()
    for word in _WORD.findall(query):
        lowered = word.lower()
        if lowered in ("or", "not") or "(" in word or ")" in word or lowered.startswith(("user:", "org:", "owner:")):
            return None
        if lowered.startswith("repo:"):
            scopes.add(word[5:].strip('"'))
    return scopes.pop() if len(scopes) == 1 else None


def _act(found: Match, parts: Parts) -> str:
    template = found.route.template
    if template.endswith(("/pulls/{number}/reviews", "/reviews/{review_id}/events")) and parts.method == "POST":
        return "approve" if parts.text("event").strip().upper() == "APPROVE" else ""
    if template.endswith("/git/refs/{ref+}"):
        if parts.method == "DELETE":
            return "branch.delete" if found.values["ref"].startswith("heads/") else found.route.act
        if parts.method == "PATCH":
            return "force_push" if parts.body.get("force") not in (None, False) else ""
    return found.route.act
