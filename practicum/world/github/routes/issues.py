"""Issues: list, create, read, edit, assign, label, lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from practicum.bus.events import Json
from practicum.world.github import editing
from practicum.world.github.access import at_least
from practicum.world.github.body import Body
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import ApiError, invalid, not_found
from practicum.world.github.render.basics import simple_user
from practicum.world.github.render.issues import issue as render
from practicum.world.github.render.issues import labels as render_labels
from practicum.world.github.state import Issue, IssueEvent


def moment(text: str) -> datetime:
    """An ISO 8601 time of a query.

    Raises:
        ApiError: 422.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ApiError(422, f"Invalid date: {text}") from None


def _filters(call: Call) -> list[Callable[[Issue], bool]]:
    state, labels = call.query("state", "open"), [name for name in call.query("labels").split(",") if name]
    found: list[Callable[[Issue], bool]] = []
    if state != "all":
        found.append(lambda issue: issue.state == state)
    if labels:
        wanted = {name.lower() for name in labels}
        found.append(lambda issue: wanted <= {name.lower() for name in issue.labels})
    for key, get in (
        ("assignee", lambda issue: issue.assignees),
        ("milestone", lambda issue: [] if issue.milestone is None else [str(issue.milestone)]),
    ):
        value = call.query(key)
        if value == "none":
            found.append(lambda issue, get=get: not get(issue))  # type: ignore[misc]
        elif value == "*":
            found.append(lambda issue, get=get: bool(get(issue)))  # type: ignore[misc]
        elif value:
            found.append(lambda issue, get=get, value=value: value in get(issue))  # type: ignore[misc]
    creator, mentioned, since = call.query("creator"), call.query("mentioned"), call.query("since")
    if creator:
        found.append(lambda issue: issue.user == creator)
    if mentioned:
        found.append(lambda issue: f"@{mentioned}" in (issue.body or ""))
    if since:
        when = moment(since)
        found.append(lambda issue: issue.updated_at >= when)
    return found


@handles("GET", "~/issues")
async def issues(call: Call) -> Reply:
    """Issues and, where the token may see them, pull requests: to GitHub each pull request is an issue too."""
    tests = _filters(call)
    kept = [issue for issue in call.repo.issues.values() if all(test(issue) for test in tests) and _may(call, issue)]
    keys: dict[str, Callable[[Issue], tuple[object, int]]] = {
        "created": lambda issue: (issue.created_at, issue.number),
        "updated": lambda issue: (issue.updated_at, issue.number),
        "comments": lambda issue: (len(issue.comments), issue.number),
    }
    key = keys.get(call.query("sort", "created"), keys["created"])
    kept.sort(key=key, reverse=call.query("direction", "desc") != "asc")
    return call.listing(kept, lambda issue: render(call.core, call.repo, issue))


def _may(call: Call, issue: Issue) -> bool:
    try:
        call.check_kind(issue)
    except ApiError:
        return False
    return True


@handles("POST", "~/issues")
async def create(call: Call) -> Reply:
    core, repo, body = call.core, call.repo, call.body
    if not repo.has_issues:
        raise ApiError(410, "Issues are disabled for this repo")
    title, now = body.need("title", "Issue"), core.now()
    triage = at_least(call.role(), "triage")
    assignees, number = _assignees(body) or [], body.number("milestone")
    names = label_names(body, "labels") or []
    if triage:
        editing.check_assignees(core, repo, assignees)
        if number is not None and number not in repo.milestones:
            raise invalid("Issue", "milestone")
    issue = Issue(core.next_id(), repo.next_number(), title, body.text("body"), call.login, now, now)
    repo.issues[issue.number] = issue
    if triage:
        # Labels and milestone are part of the opening; each assignee is told apart, since that wakes somebody.
        issue.labels = [editing.ensure_label(core, repo, name).name for name in dict.fromkeys(names)]
        issue.milestone = number
    await editing.tell(core, repo, issue, "opened", call.by, {})
    if triage and assignees:
        await editing.set_assignees(core, repo, issue, assignees, call.by)
    shown = render(core, repo, issue)
    return Reply(shown, 201, {"Location": str(shown["url"])})


def _assignees(body: Body) -> list[str] | None:
    many = body.texts("assignees")
    one = body.text("assignee")
    if many is None and "assignee" in body:
        return [one] if one else []
    return many


def label_names(body: Body, key: str) -> list[str] | None:
    """Labels as names or as objects with a name; None where the key is absent."""
    value = body.values.get(key)
    if value is None:
        return None
    if not isinstance(value, list):
        raise invalid("Label", key)
    out = []
    for each in value:
        name = each.get("name") if isinstance(each, dict) else each
        if not isinstance(name, str):
            raise invalid("Label", "name", "missing_field")
        out.append(name)
    return out


@handles("GET", "~/issues/{issue_number}")
async def get(call: Call) -> Reply:
    return Reply(render(call.core, call.repo, call.issue()))


@handles("PATCH", "~/issues/{issue_number}")
async def edit(call: Call) -> Reply:
    issue = call.issue()
    if issue.user != call.login:
        call.need_role("triage")
    await edit_shared(call, issue)
    return Reply(render(call.core, call.repo, issue))


async def edit_shared(call: Call, issue: Issue) -> None:
    """Apply what issues and pull requests have in common."""
    core, repo, body, by = call.core, call.repo, call.body, call.by
    if "title" in body and not body.text("title"):
        raise invalid("Issue", "title", "missing_field")
    assignees, names = _assignees(body), label_names(body, "labels")
    if assignees is not None or names is not None or "milestone" in body:
        call.need_role("triage")
    if assignees is not None:
        editing.check_assignees(core, repo, assignees)
    await editing.set_text(core, repo, issue, body.text("title"), body.text("body"), by)
    if names is not None:
        await editing.set_labels(core, repo, issue, names, by)
    if assignees is not None:
        await editing.set_assignees(core, repo, issue, assignees, by)
    if "milestone" in body:
        await editing.set_milestone(core, repo, issue, body.number("milestone"), by)
    state = body.text("state")
    if state is not None:
        await editing.set_state(core, repo, issue, state, body.text("state_reason"), by)


@handles("PUT", "~/issues/{issue_number}/lock")
async def lock(call: Call) -> Reply:
    issue, reason = call.issue(), call.body.text("lock_reason")
    if reason not in (None, "off-topic", "too heated", "resolved", "spam"):
        raise invalid("Issue", "lock_reason")
    issue.locked, issue.lock_reason = True, reason
    editing.note(
        call.core, issue, IssueEvent(call.core.next_id(), "locked", call.login, call.core.now(), lock_reason=reason)
    )
    return Reply(status=204)


@handles("DELETE", "~/issues/{issue_number}/lock")
async def unlock(call: Call) -> Reply:
    issue = call.issue()
    issue.locked, issue.lock_reason = False, None
    editing.note(call.core, issue, IssueEvent(call.core.next_id(), "unlocked", call.login, call.core.now()))
    return Reply(status=204)


@handles("POST", "~/issues/{issue_number}/assignees")
async def assign(call: Call) -> Reply:
    issue = call.issue()
    wanted = [*issue.assignees, *(call.body.texts("assignees") or [])]
    await editing.set_assignees(call.core, call.repo, issue, wanted, call.by)
    return Reply(render(call.core, call.repo, issue), 201)


@handles("DELETE", "~/issues/{issue_number}/assignees")
async def unassign(call: Call) -> Reply:
    issue, gone = call.issue(), set(call.body.texts("assignees") or [])
    kept = [login for login in issue.assignees if login not in gone]
    await editing.set_assignees(call.core, call.repo, issue, kept, call.by)
    return Reply(render(call.core, call.repo, issue))


@handles("GET", "~/issues/{issue_number}/labels")
async def labels(call: Call) -> Reply:
    found: list[Json] = render_labels(call.core, call.repo, call.issue())
    return call.listing(found, lambda each: each)


def _given_labels(call: Call) -> list[str]:
    """The body is an object with `labels`, or a bare list."""
    names = label_names(call.body, "labels" if "labels" in call.body else "")
    if names is None:
        raise invalid("Label", "labels", "missing_field")
    return names


@handles("POST", "~/issues/{issue_number}/labels")
async def add_labels(call: Call) -> Reply:
    issue = call.issue()
    await editing.set_labels(call.core, call.repo, issue, [*issue.labels, *_given_labels(call)], call.by)
    return Reply(render_labels(call.core, call.repo, issue))


@handles("PUT", "~/issues/{issue_number}/labels")
async def set_labels(call: Call) -> Reply:
    issue = call.issue()
    await editing.set_labels(call.core, call.repo, issue, _given_labels(call), call.by)
    return Reply(render_labels(call.core, call.repo, issue))


@handles("DELETE", "~/issues/{issue_number}/labels")
async def remove_labels(call: Call) -> Reply:
    await editing.set_labels(call.core, call.repo, call.issue(), [], call.by)
    return Reply(status=204)


@handles("DELETE", "~/issues/{issue_number}/labels/{name}")
async def remove_label(call: Call) -> Reply:
    issue, gone = call.issue(), call.arg("name").lower()
    kept = [name for name in issue.labels if name.lower() != gone]
    if len(kept) == len(issue.labels):
        raise ApiError(404, "Label does not exist")
    await editing.set_labels(call.core, call.repo, issue, kept, call.by)
    return Reply(render_labels(call.core, call.repo, issue))


@handles("GET", "~/assignees")
async def assignees(call: Call) -> Reply:
    people = sorted({call.repo.owner, *call.repo.collaborators})
    found = [call.core.person(each) for each in people if editing.assignable(call.core, call.repo, each)]
    return call.listing(found, lambda account: simple_user(call.core, account))


@handles("GET", "~/assignees/{assignee}")
async def is_assignable(call: Call) -> Reply:
    if not editing.assignable(call.core, call.repo, call.arg("assignee")):
        raise not_found()
    return Reply(status=204)
