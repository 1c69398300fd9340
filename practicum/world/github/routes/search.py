"""Search, with the qualifiers that agents use.

https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests . Supported: `repo:`,
`org:`/`user:`, `is:`, `type:`, `state:`, `author:`, `assignee:`, `label:`, `milestone:`, `in:`, `no:`, a leading `-`
for not, and words or "phrases" in title, body and comments. An unknown qualifier is searched for as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from practicum.bus.events import Json
from practicum.world.github.access import can_see, holds
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import invalid
from practicum.world.github.render.basics import Object
from practicum.world.github.render.issues import issue as render_issue
from practicum.world.github.render.repositories import repository as render_repository
from practicum.world.github.state import Issue, Repository

T = TypeVar("T")
_TERM = re.compile(r'(-?)(?:([a-z-]+):)?(?:"([^"]*)"|(\S+))')
_QUALIFIERS = frozenset(
    ("repo", "org", "user", "is", "type", "state", "author", "assignee", "label", "milestone", "in", "no")
)


def _terms(query: str) -> list[tuple[bool, str, str]]:
    """(negated, qualifier or empty, value) of each term."""
    out = []
    for minus, key, quoted, plain in _TERM.findall(query):
        value = quoted or plain
        out.append((bool(minus), key, value) if key in _QUALIFIERS else (False, "", f"{key}:{value}" if key else value))
    return out


def _is(issue: Issue, value: str) -> bool:
    match value:
        case "open" | "closed":
            return issue.state == value
        case "issue":
            return issue.pull is None
        case "pr" | "pull-request":
            return issue.pull is not None
        case "merged":
            return issue.pull is not None and issue.pull.merged
        case "unmerged":
            return issue.pull is not None and not issue.pull.merged
        case "draft":
            return issue.pull is not None and issue.pull.draft
        case "locked" | "unlocked":
            return issue.locked == (value == "locked")
        case _:
            return False


def _no(issue: Issue, value: str) -> bool:
    return not {"label": issue.labels, "assignee": issue.assignees, "milestone": issue.milestone}.get(value, True)


def _text(issue: Issue, value: str, where: set[str]) -> bool:
    parts = {
        "title": issue.title,
        "body": issue.body or "",
        "comments": "\n".join(comment.body for comment in issue.comments),
    }
    chosen = [text for name, text in parts.items() if not where or name in where]
    return any(value.lower() in text.lower() for text in chosen)


def _matches(repo: Repository, issue: Issue, key: str, value: str, where: set[str], me: str) -> bool:
    value = me if value == "@me" else value
    match key:
        case "repo":
            return repo.full_name.lower() == value.lower()
        case "org" | "user":
            return repo.owner.lower() == value.lower()
        case "is" | "type" | "state":
            return _is(issue, value)
        case "author":
            return issue.user == value
        case "assignee":
            return value in issue.assignees
        case "label":
            return value.lower() in (name.lower() for name in issue.labels)
        case "milestone":
            return issue.milestone is not None and repo.milestones[issue.milestone].title == value
        case "no":
            return _no(issue, value)
        case "in":
            return True
        case _:
            return _text(issue, value, where)


@handles("GET", "/search/issues")
async def issues(call: Call) -> Reply:
    query = call.query("q")
    if not query:
        raise invalid("Search", "q", "missing")
    terms = _terms(query)
    where = {part for _, key, value in terms if key == "in" for part in value.split(",")}
    found = []
    for repo in call.core.store.repositories.values():
        if not can_see(call.credential, repo):
            continue
        for issue in repo.issues.values():
            permissions = ("issues", "pull_requests") if issue.pull else ("issues",)
            if any(holds(call.credential, each, "read") for each in permissions) and all(
                _matches(repo, issue, key, value, where, call.login) is not negated for negated, key, value in terms
            ):
                found.append((repo, issue))
    name = "updated_at" if call.query("sort") == "updated" else "created_at"
    found.sort(key=lambda pair: (getattr(pair[1], name), pair[1].id), reverse=call.query("order", "desc") != "asc")

    def render(pair: tuple[Repository, Issue]) -> Object:
        return {**render_issue(call.core, *pair), "score": 1.0}

    return _result(call, found, render, search_type="lexical")


@handles("GET", "/search/repositories")
async def repositories(call: Call) -> Reply:
    terms = _terms(call.query("q"))
    if not terms:
        raise invalid("Search", "q", "missing")
    found = [
        repo
        for repo in call.core.store.repositories.values()
        if can_see(call.credential, repo) and all(_names(repo, key, value) is not no for no, key, value in terms)
    ]

    def render(repo: Repository) -> Object:
        return {**render_repository(call.core, repo, call.login), "score": 1.0}

    return _result(call, found, render)


def _names(repo: Repository, key: str, value: str) -> bool:
    if key in ("org", "user"):
        return repo.owner.lower() == value.lower()
    if key == "repo":
        return repo.full_name.lower() == value.lower()
    return key == "in" or value.lower() in f"{repo.name} {repo.description or ''}".lower()


def _result(call: Call, found: Sequence[T], render: Callable[[T], Json], **more: Json) -> Reply:
    page, headers = call.page(found)
    items: list[Json] = [render(each) for each in page]
    return Reply(
        {"total_count": len(found), "incomplete_results": False, "items": items, **more},
        headers=headers,
    )
