"""Issues, comments, labels, milestones, events."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from practicum.bus.events import Json
from practicum.world.github.core import Core
from practicum.world.github.render.basics import Object, association, node_id, stamp, stamp_or_none, user
from practicum.world.github.render.repositories import api_url, html_url
from practicum.world.github.state import Comment, Issue, IssueEvent, Label, Milestone, Reaction, Repository

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def label(core: Core, repo: Repository, given: Label) -> Object:
    """The schema `label`."""
    return {
        "id": given.id,
        "node_id": node_id("Label", given.id),
        "url": f"{api_url(core, repo)}/labels/{quote(given.name)}",
        "name": given.name,
        "color": given.color,
        "default": given.default,
        "description": given.description,
    }


def labels(core: Core, repo: Repository, issue: Issue) -> list[Json]:
    """The labels of an issue that still exist."""
    found = (repo.labels.get(name.lower()) for name in issue.labels)
    return [label(core, repo, each) for each in found if each is not None]


def milestone(core: Core, repo: Repository, number: int | None) -> Object | None:
    """The schema `milestone`; None where there is none."""
    given = repo.milestones.get(number) if number is not None else None
    if given is None:
        return None
    return full_milestone(core, repo, given)


def full_milestone(core: Core, repo: Repository, given: Milestone) -> Object:
    """The schema `milestone`."""
    api = f"{api_url(core, repo)}/milestones/{given.number}"
    inside = [issue for issue in repo.issues.values() if issue.milestone == given.number]
    return {
        "url": api,
        "html_url": f"{html_url(core, repo)}/milestone/{given.number}",
        "labels_url": f"{api}/labels",
        "id": given.id,
        "node_id": node_id("Milestone", given.id),
        "number": given.number,
        "state": given.state,
        "title": given.title,
        "description": given.description,
        "creator": user(core, given.creator),
        "open_issues": sum(issue.state == "open" for issue in inside),
        "closed_issues": sum(issue.state == "closed" for issue in inside),
        "created_at": stamp(given.created_at),
        "updated_at": stamp(given.updated_at),
        "closed_at": stamp_or_none(given.closed_at),
        "due_on": given.due_on,
    }


def people(core: Core, logins: Sequence[str]) -> list[Json]:
    """The accounts of some logins."""
    return [found for found in (user(core, login) for login in logins) if found is not None]


def rollup(url: str, reactions: Sequence[Reaction]) -> Object:
    """The schema `reaction-rollup`."""
    counts: Object = {name: sum(each.content == name for each in reactions) for name in REACTIONS}
    return {"url": f"{url}/reactions", "total_count": len(reactions), **counts}


def reaction(core: Core, given: Reaction) -> Object:
    """The schema `reaction`."""
    return {
        "id": given.id,
        "node_id": node_id("Reaction", given.id),
        "user": user(core, given.user),
        "content": given.content,
        "created_at": stamp(given.created_at),
    }


def issue(core: Core, repo: Repository, given: Issue) -> Object:
    """The schema `issue`; a pull request seen as an issue has `pull_request`."""
    api, html = api_url(core, repo), html_url(core, repo)
    url = f"{api}/issues/{given.number}"
    page = f"{html}/{'pull' if given.pull else 'issues'}/{given.number}"
    id_ = given.id
    found: Object = {
        "url": url,
        "repository_url": api,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": page,
        "id": id_,
        "node_id": node_id("PullRequest" if given.pull else "Issue", id_),
        "number": given.number,
        "title": given.title,
        "user": user(core, given.user),
        "labels": labels(core, repo, given),
        "state": given.state,
        "state_reason": given.state_reason,
        "locked": given.locked,
        "active_lock_reason": given.lock_reason,
        "assignee": user(core, given.assignees[0]) if given.assignees else None,
        "assignees": people(core, given.assignees),
        "milestone": milestone(core, repo, given.milestone),
        "comments": len(given.comments),
        "created_at": stamp(given.created_at),
        "updated_at": stamp(given.updated_at),
        "closed_at": stamp_or_none(given.closed_at),
        "closed_by": user(core, given.closed_by),
        "author_association": association(core, repo, given.user),
        "body": given.body,
        "reactions": rollup(url, given.reactions),
        "performed_via_github_app": None,
    }
    if given.pull is not None:
        found["draft"] = given.pull.draft
        found["pull_request"] = {
            "url": f"{api}/pulls/{given.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": stamp_or_none(given.pull.merged_at),
        }
    return found


def comment(core: Core, repo: Repository, given: Comment) -> Object:
    """The schema `issue-comment`."""
    api = api_url(core, repo)
    url = f"{api}/issues/comments/{given.id}"
    kind = "pull" if repo.issues[given.number].pull else "issues"
    return {
        "id": given.id,
        "node_id": node_id("IssueComment", given.id),
        "url": url,
        "html_url": f"{html_url(core, repo)}/{kind}/{given.number}#issuecomment-{given.id}",
        "issue_url": f"{api}/issues/{given.number}",
        "body": given.body,
        "user": user(core, given.user),
        "created_at": stamp(given.created_at),
        "updated_at": stamp(given.updated_at),
        "author_association": association(core, repo, given.user),
        "reactions": rollup(url, given.reactions),
        "performed_via_github_app": None,
    }


def event(core: Core, repo: Repository, issue_: Issue, given: IssueEvent) -> Object:
    """The schema `issue-event`, with the fields of its kind."""
    api = api_url(core, repo)
    found: Object = {
        "id": given.id,
        "node_id": node_id("IssueEvent", given.id),
        "url": f"{api}/issues/events/{given.id}",
        "actor": user(core, given.actor),
        "event": given.event,
        "commit_id": given.commit_id,
        "commit_url": f"{api}/commits/{given.commit_id}" if given.commit_id else None,
        "created_at": stamp(given.created_at),
        "performed_via_github_app": None,
    }
    if given.label is not None:
        found["label"] = {"name": given.label.name, "color": given.label.color}
    if given.assignee is not None:
        found["assignee"], found["assigner"] = user(core, given.assignee), user(core, given.actor)
    if given.reviewer is not None:
        found["requested_reviewer"], found["review_requester"] = user(core, given.reviewer), user(core, given.actor)
    if given.milestone is not None:
        found["milestone"] = {"title": given.milestone}
    if given.rename is not None:
        found["rename"] = {"from": given.rename[0], "to": given.rename[1]}
    if given.event == "locked":
        found["lock_reason"] = given.lock_reason
    if given.review is not None:
        found["dismissed_review"] = {
            "state": "approved",
            "review_id": given.review,
            "dismissal_message": given.message,
        }
    return found
