"""GitHub's webhook deliveries, told as changes of the world: what a simulated GitHub would have said itself.

Source: docs.github.com/webhooks/webhook-events-and-payloads. The names are those of the simulated service, so agents
and evaluators need not know where a change came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from practicum.bus.events import Json, WorldChanged

Payload = Mapping[str, Any]
"""A delivery's JSON, as it came from outside: every field is looked at before it is believed."""

_ISSUE_ACTIONS = frozenset({"opened", "edited", "closed", "reopened", "assigned", "unassigned", "labeled", "unlabeled"})
_PULL_ACTIONS = {
    "opened": "opened",
    "edited": "edited",
    "closed": "closed",
    "reopened": "reopened",
    "synchronize": "synchronized",
    "review_requested": "review_requested",
}


def translate(event_name: str, payload: Payload) -> WorldChanged | None:
    """The change that a delivery tells (`event_name` is its `X-GitHub-Event`); None for what nobody waits for."""
    teller = _TELLERS.get(event_name)
    told = teller(payload) if teller else None
    if told is None:
        return None
    change, number, facts = told
    repository = _text(payload, "repository", "full_name")
    return WorldChanged(
        service="github",
        change=f"github.{change}",
        actor=_text(payload, "sender", "login"),
        resource=f"{repository}#{number}" if number else repository,
        facts={"repository": repository, **facts},
    )


Told = tuple[str, int, dict[str, Json]] | None
"""Name of the change, number of the issue or pull request (0 for none), facts."""


def _push(payload: Payload) -> Told:
    commits: list[Json] = [
        {
            "sha": _text(commit, "id"),
            "message": _text(commit, "message"),
            "author": _text(commit, "author", "username") or _text(commit, "author", "name"),
        }
        for commit in _list(payload, "commits")
    ]
    facts: dict[str, Json] = {
        "ref": _text(payload, "ref"),
        "branch": _text(payload, "ref").removeprefix("refs/heads/"),
        "before": _text(payload, "before"),
        "after": _text(payload, "after"),
        "sha": _text(payload, "after"),
        "commits": commits,
        "forced": payload.get("forced") is True,
        "created": payload.get("created") is True,
        "deleted": payload.get("deleted") is True,
    }
    return "push", 0, facts


def _issues(payload: Payload) -> Told:
    action = _text(payload, "action")
    if action not in _ISSUE_ACTIONS:
        return None
    facts = _issue_facts(payload.get("issue"))
    if action in ("assigned", "unassigned"):
        facts["assignee"] = _text(payload, "assignee", "login")
    if action in ("labeled", "unlabeled"):
        facts["label"] = _text(payload, "label", "name")
    return f"issue.{action}", _number(payload, "issue"), facts


def _issue_comment(payload: Payload) -> Told:
    if _text(payload, "action") != "created":
        return None
    issue = payload.get("issue")
    facts = _issue_facts(issue) | _comment_facts(payload)
    facts["on_pull_request"] = isinstance(issue, Mapping) and "pull_request" in issue
    return "issue_comment.created", _number(payload, "issue"), facts


def _pull_request(payload: Payload) -> Told:
    action = _PULL_ACTIONS.get(_text(payload, "action"))
    if action is None:
        return None
    pull = payload.get("pull_request")
    facts = _pull_facts(pull)
    if action == "closed" and isinstance(pull, Mapping) and pull.get("merged") is True:
        action = "merged"
        facts["merge_commit_sha"] = _text(pull, "merge_commit_sha")
        facts["merged_by"] = _text(pull, "merged_by", "login")
    if action == "review_requested":
        facts["reviewer"] = _text(payload, "requested_reviewer", "login")
    return f"pull_request.{action}", _number(payload, "pull_request"), facts


def _review(payload: Payload) -> Told:
    if _text(payload, "action") != "submitted":
        return None
    facts = _pull_facts(payload.get("pull_request"))
    facts |= {
        "review": _integer(payload, "review", "id"),
        "state": _text(payload, "review", "state").lower(),
        "review_body": _text(payload, "review", "body"),
        "reviewer": _text(payload, "review", "user", "login"),
        "commit_id": _text(payload, "review", "commit_id"),
    }
    return "review.submitted", _number(payload, "pull_request"), facts


def _review_comment(payload: Payload) -> Told:
    if _text(payload, "action") != "created":
        return None
    facts = _pull_facts(payload.get("pull_request")) | _comment_facts(payload)
    facts["path"] = _text(payload, "comment", "path")
    facts["line"] = _integer(payload, "comment", "line")
    return "review_comment.created", _number(payload, "pull_request"), facts


def _check_run(payload: Payload) -> Told:
    if _text(payload, "action") != "completed":
        return None
    numbers: list[Json] = [_integer(pull, "number") for pull in _list(payload, "check_run", "pull_requests")]
    facts: dict[str, Json] = {
        "name": _text(payload, "check_run", "name"),
        "conclusion": _text(payload, "check_run", "conclusion"),
        "sha": _text(payload, "check_run", "head_sha"),
        "branch": _text(payload, "check_run", "check_suite", "head_branch"),
        "title": _text(payload, "check_run", "output", "title"),
        "summary": _text(payload, "check_run", "output", "summary"),
        "pull_requests": numbers,
    }
    return "check.completed", 0, facts


def _status(payload: Payload) -> Told:
    branches: list[Json] = [_text(branch, "name") for branch in _list(payload, "branches")]
    facts: dict[str, Json] = {
        "sha": _text(payload, "sha"),
        "state": _text(payload, "state"),
        "context": _text(payload, "context"),
        "description": _text(payload, "description"),
        "branches": branches,
    }
    return "status.created", 0, facts


def _release(payload: Payload) -> Told:
    if _text(payload, "action") != "published":
        return None
    facts: dict[str, Json] = {
        "tag": _text(payload, "release", "tag_name"),
        "name": _text(payload, "release", "name"),
        "body": _text(payload, "release", "body"),
        "author": _text(payload, "release", "author", "login"),
    }
    return "release.published", 0, facts


def _created(payload: Payload) -> Told:
    return _ref_changed(payload, created=True)


def _deleted(payload: Payload) -> Told:
    return _ref_changed(payload, created=False)


def _ref_changed(payload: Payload, *, created: bool) -> Told:
    """`create` and `delete` of a branch or tag. Pushes of branches come as `push` too, with the same flags; tags that
    were made through the API come only here.
    """
    kind = _text(payload, "ref_type")
    if kind not in ("branch", "tag"):
        return None
    name = _text(payload, "ref")
    facts: dict[str, Json] = {
        "ref": f"refs/{'heads' if kind == 'branch' else 'tags'}/{name}",
        "branch": name if kind == "branch" else "",
        "commits": [],
        "forced": False,
        "created": created,
        "deleted": not created,
    }
    return "push", 0, facts


def _label(payload: Payload) -> Told:
    if _text(payload, "action") != "created":
        return None
    return "label.created", 0, {"name": _text(payload, "label", "name"), "color": _text(payload, "label", "color")}


_TELLERS: dict[str, Callable[[Payload], Told]] = {
    "push": _push,
    "issues": _issues,
    "issue_comment": _issue_comment,
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "pull_request_review_comment": _review_comment,
    "check_run": _check_run,
    "status": _status,
    "release": _release,
    "create": _created,
    "delete": _deleted,
    "label": _label,
}

SUBSCRIBED = tuple(_TELLERS)
"""The events that a webhook is registered for."""


def _issue_facts(issue: object) -> dict[str, Json]:
    assignees: list[Json] = [_text(person, "login") for person in _list(issue, "assignees")]
    labels: list[Json] = [_text(label, "name") for label in _list(issue, "labels")]
    return {
        "number": _integer(issue, "number"),
        "title": _text(issue, "title"),
        "body": _text(issue, "body"),
        "state": _text(issue, "state"),
        "author": _text(issue, "user", "login"),
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "labels": labels,
        "is_pull_request": _at(issue, "head") is not None or _at(issue, "pull_request") is not None,
        "url": _text(issue, "html_url"),
    }


def _pull_facts(pull: object) -> dict[str, Json]:
    reviewers: list[Json] = [_text(person, "login") for person in _list(pull, "requested_reviewers")]
    return _issue_facts(pull) | {
        "branch": _text(pull, "head", "ref"),
        "head": _text(pull, "head", "ref"),
        "base": _text(pull, "base", "ref"),
        "sha": _text(pull, "head", "sha"),
        "base_sha": _text(pull, "base", "sha"),
        "draft": _at(pull, "draft") is True,
        "merged": _at(pull, "merged") is True,
        "requested_reviewers": reviewers,
    }


def _comment_facts(payload: Payload) -> dict[str, Json]:
    body = _text(payload, "comment", "body")
    return {
        "comment": _integer(payload, "comment", "id"),
        "comment_body": body,
        "commenter": _text(payload, "comment", "user", "login"),
        "text": body,
    }


def _at(value: object, *names: str) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: object, *names: str) -> str:
    found = _at(value, *names)
    return found if isinstance(found, str) else ""


def _integer(value: object, *names: str) -> int:
    found = _at(value, *names)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def _list(value: object, *names: str) -> list[object]:
    found = _at(value, *names)
    return found if isinstance(found, list) else []


def _number(payload: Payload, holder: str) -> int:
    return _integer(payload, holder, "number")
