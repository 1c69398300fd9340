"""Changing issues, and what pull requests share with them: each change is recorded, told and sent to hooks."""

from __future__ import annotations

from collections.abc import Sequence

from practicum.bus.events import Json
from practicum.world.github import webhooks
from practicum.world.github.access import role_of
from practicum.world.github.closing import close_issue
from practicum.world.github.core import Cause, Core
from practicum.world.github.errors import invalid
from practicum.world.github.facts import issue_facts, pull_facts
from practicum.world.github.pulls import sync
from practicum.world.github.render.basics import Object, user
from practicum.world.github.render.issues import issue as render_issue
from practicum.world.github.render.issues import label as render_label
from practicum.world.github.state import Issue, IssueEvent, Label, Repository

_DEFAULT_COLOR = "ededed"


async def tell(
    core: Core, repo: Repository, issue: Issue, action: str, by: Cause, facts: Object, hook: Object | None = None
) -> None:
    """Tell a change. On a pull request everything but its own life is `pull_request.edited` with the action named."""
    if issue.pull is None:
        await core.changed(
            f"issue.{action}", repo, by, {**issue_facts(core, repo, issue), **facts}, number=issue.number
        )

        def payload() -> Object:
            return {"issue": render_issue(core, repo, issue), **(hook or {})}

        await webhooks.fire(core, repo, "issues", action, by, payload)
        return
    name = action if action in ("edited", "reopened", "opened") else "edited"
    about: Object = {**pull_facts(core, repo, issue, issue.pull), "action": action, **facts}
    await core.changed(f"pull_request.{name}", repo, by, about, number=issue.number)
    await sync.fire(core, repo, action, issue, issue.pull, by, hook)


def note(core: Core, issue: Issue, event: IssueEvent) -> None:
    """Put an entry on the timeline."""
    issue.events.append(event)
    issue.updated_at = core.now()


def ensure_label(core: Core, repo: Repository, name: str) -> Label:
    """The label of a name; made, grey, when the repository has none."""
    if not name.strip():
        raise invalid("Label", "name", "missing_field")
    found = repo.labels.get(name.lower())
    if found is None:
        found = repo.labels[name.lower()] = Label(core.next_id(), name, _DEFAULT_COLOR)
    return found


async def set_labels(core: Core, repo: Repository, issue: Issue, names: Sequence[str], by: Cause) -> None:
    """Give an issue exactly these labels."""
    wanted = [ensure_label(core, repo, name) for name in dict.fromkeys(names)]
    before, after = set(issue.labels), {label.name for label in wanted}
    issue.labels = [label.name for label in wanted]
    for label in wanted:
        if label.name not in before:
            await _labelled(core, repo, issue, "labeled", label, by)
    for name in sorted(before - after):
        gone = repo.labels.get(name.lower())
        if gone is not None:
            await _labelled(core, repo, issue, "unlabeled", gone, by)


async def _labelled(core: Core, repo: Repository, issue: Issue, action: str, label: Label, by: Cause) -> None:
    note(core, issue, IssueEvent(core.next_id(), action, by.actor, core.now(), label=label))
    await tell(core, repo, issue, action, by, {"label": label.name}, {"label": render_label(core, repo, label)})


def assignable(core: Core, repo: Repository, login: str) -> bool:
    """Whether an account can be assigned: it must have a role of its own in the repository."""
    account = core.store.account(login)
    if account is None or account.kind == "Organization":
        return False
    return account.login in repo.collaborators or role_of(repo, account.login) == "admin"


async def set_assignees(core: Core, repo: Repository, issue: Issue, logins: Sequence[str], by: Cause) -> None:
    """Give an issue exactly these assignees; whoever cannot be assigned is left out, as GitHub does."""
    wanted = [core.person(login).login for login in dict.fromkeys(logins) if assignable(core, repo, login)][:10]
    before = list(issue.assignees)
    issue.assignees = wanted
    for action, changed in (
        ("assigned", [login for login in wanted if login not in before]),
        ("unassigned", [login for login in before if login not in wanted]),
    ):
        for login in changed:
            note(core, issue, IssueEvent(core.next_id(), action, by.actor, core.now(), assignee=login))
            facts: Object = {"changed_assignee": login}
            await tell(core, repo, issue, action, by, facts, {"assignee": user(core, login)})


def check_assignees(core: Core, repo: Repository, logins: Sequence[str]) -> None:
    """Refuse accounts that cannot be assigned, as creating and editing an issue does.

    Raises:
        ApiError: 422.
    """
    for login in logins:
        if not assignable(core, repo, login):
            raise invalid("Issue", "assignees", "invalid", f"{login} is not assignable")


async def set_milestone(core: Core, repo: Repository, issue: Issue, number: int | None, by: Cause) -> None:
    """Put an issue on a milestone, or take it off.

    Raises:
        ApiError: 422 when there is no such milestone.
    """
    if number == issue.milestone:
        return
    if number is not None and number not in repo.milestones:
        raise invalid("Issue", "milestone")
    action, shown = ("milestoned", number) if number is not None else ("demilestoned", issue.milestone)
    title = repo.milestones[shown].title if shown in repo.milestones else ""
    issue.milestone = number
    note(core, issue, IssueEvent(core.next_id(), action, by.actor, core.now(), milestone=title))
    # The guide of events knows no milestones; they are an edit of the issue.
    await tell(core, repo, issue, "edited", by, {"changes": ["milestone"], "milestone": title if number else None})


async def set_text(core: Core, repo: Repository, issue: Issue, title: str | None, body: str | None, by: Cause) -> None:
    """Set title and body where given, and tell it when something changed."""
    changed: list[Json] = []
    if title is not None and title != issue.title:
        note(core, issue, IssueEvent(core.next_id(), "renamed", by.actor, core.now(), rename=(issue.title, title)))
        issue.title = title
        changed.append("title")
    if body is not None and body != issue.body:
        issue.body, issue.updated_at = body, core.now()
        changed.append("body")
    if changed:
        await tell(core, repo, issue, "edited", by, {"changes": changed})


async def set_state(core: Core, repo: Repository, issue: Issue, state: str, reason: str | None, by: Cause) -> None:
    """Close or reopen.

    Raises:
        ApiError: 422 for another state, or a pull request that cannot be opened again.
    """
    if state not in ("open", "closed"):
        raise invalid("PullRequest" if issue.pull else "Issue", "state")
    if state == issue.state:
        return
    if state == "closed":
        if issue.pull is not None:
            await sync.close_pull(core, repo, issue, issue.pull, by)
        else:
            await close_issue(core, repo, issue, by, reason=reason or "completed")
        return
    if issue.pull is not None:
        head = repo.git.branch(issue.pull.head_ref)
        if issue.pull.merged or head is None:
            raise invalid("PullRequest", "state", "invalid", "state cannot be changed.")
        issue.pull.merge_base, issue.pull.head_sha = None, head
    issue.state, issue.closed_at, issue.closed_by, issue.state_reason = "open", None, None, "reopened"
    note(core, issue, IssueEvent(core.next_id(), "reopened", by.actor, core.now()))
    await tell(core, repo, issue, "reopened", by, {})
    if issue.pull is not None:
        await sync.trigger(core, repo, issue, issue.pull, "reopened", by)
