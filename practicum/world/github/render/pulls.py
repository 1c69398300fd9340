"""Pull requests, reviews and review comments."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.github.core import Core
from practicum.world.github.render.basics import Object, association, node_id, stamp, stamp_or_none, user
from practicum.world.github.render.issues import labels, milestone, people, rollup
from practicum.world.github.render.repositories import api_url, html_url, repository
from practicum.world.github.state import Issue, Pull, Repository, Review, ReviewComment
from practicum.world.github.state.pull import DiffSize


def pull_url(core: Core, repo: Repository, number: int) -> str:
    """A pull request in the API."""
    return f"{api_url(core, repo)}/pulls/{number}"


def pull_page(core: Core, repo: Repository, number: int) -> str:
    """A pull request for people."""
    return f"{html_url(core, repo)}/pull/{number}"


def _side(core: Core, repo: Repository, ref: str, sha: str, shown: Object) -> Object:
    return {"label": f"{repo.owner}:{ref}", "ref": ref, "sha": sha, "user": shown["owner"], "repo": shown}


def pull_simple(core: Core, repo: Repository, issue: Issue, pull: Pull) -> Object:
    """The schema `pull-request-simple`, as lists carry it."""
    api, page, n = api_url(core, repo), pull_page(core, repo, issue.number), issue.number
    url, issue_url = f"{api}/pulls/{n}", f"{api}/issues/{n}"
    shown = repository(core, repo)
    links = {
        "self": url,
        "html": page,
        "issue": issue_url,
        "comments": f"{issue_url}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{api}/statuses/{pull.head_sha}",
    }
    return {
        "url": url,
        "id": pull.id,
        "node_id": node_id("PullRequest", pull.id),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue_url,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "number": n,
        "state": issue.state,
        "locked": issue.locked,
        "active_lock_reason": issue.lock_reason,
        "title": issue.title,
        "user": user(core, issue.user),
        "body": issue.body,
        "labels": labels(core, repo, issue),
        "milestone": milestone(core, repo, issue.milestone),
        "created_at": stamp(issue.created_at),
        "updated_at": stamp(issue.updated_at),
        "closed_at": stamp_or_none(issue.closed_at),
        "merged_at": stamp_or_none(pull.merged_at),
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": user(core, issue.assignees[0]) if issue.assignees else None,
        "assignees": people(core, issue.assignees),
        "requested_reviewers": people(core, pull.requested_reviewers),
        "requested_teams": [],
        "draft": pull.draft,
        "head": _side(core, repo, pull.head_ref, pull.head_sha, shown),
        "base": _side(core, repo, pull.base_ref, pull.base_sha, shown),
        "_links": {name: {"href": link} for name, link in links.items()},
        "author_association": association(core, repo, issue.user),
        "auto_merge": None,
    }


def pull_full(
    core: Core, repo: Repository, issue: Issue, pull: Pull, size: DiffSize, mergeable: bool | None, state: str
) -> Object:
    """The schema `pull-request`."""
    return {
        **pull_simple(core, repo, issue, pull),
        "merged": pull.merged,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": state,
        "merged_by": user(core, pull.merged_by),
        "comments": len(issue.comments),
        "review_comments": len(pull.comments),
        "maintainer_can_modify": pull.maintainer_can_modify,
        "commits": size.commits,
        "additions": size.additions,
        "deletions": size.deletions,
        "changed_files": size.changed_files,
    }


def pull_minimal(core: Core, repo: Repository, issue: Issue, pull: Pull) -> Object:
    """The schema `pull-request-minimal`, as checks and workflow runs carry it."""
    inside: Object = {"id": repo.id, "url": api_url(core, repo), "name": repo.name}
    return {
        "id": pull.id,
        "number": issue.number,
        "url": pull_url(core, repo, issue.number),
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": inside},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": inside},
    }


def pulls_of_commit(core: Core, repo: Repository, sha: str) -> list[Json]:
    """The open pull requests whose head a commit is."""
    return [
        pull_minimal(core, repo, issue, issue.pull)
        for issue in repo.open_pulls()
        if issue.pull is not None and issue.pull.head_sha == sha
    ]


def review(core: Core, repo: Repository, issue: Issue, given: Review) -> Object:
    """The schema `pull-request-review`."""
    page = f"{pull_page(core, repo, issue.number)}#pullrequestreview-{given.id}"
    url = pull_url(core, repo, issue.number)
    found: Object = {
        "id": given.id,
        "node_id": node_id("PullRequestReview", given.id),
        "user": user(core, given.user),
        "body": given.body,
        "state": given.state,
        "html_url": page,
        "pull_request_url": url,
        "author_association": association(core, repo, given.user),
        "_links": {"html": {"href": page}, "pull_request": {"href": url}},
        "commit_id": given.commit_id,
    }
    if given.submitted_at is not None:
        found["submitted_at"] = stamp(given.submitted_at)
    return found


def review_comment(core: Core, repo: Repository, issue: Issue, given: ReviewComment) -> Object:
    """The schema `pull-request-review-comment`."""
    url = f"{api_url(core, repo)}/pulls/comments/{given.id}"
    page = f"{pull_page(core, repo, issue.number)}#discussion_r{given.id}"
    pull = pull_url(core, repo, issue.number)
    found: Object = {
        "url": url,
        "id": given.id,
        "node_id": node_id("PullRequestReviewComment", given.id),
        "pull_request_review_id": given.review,
        "diff_hunk": given.diff_hunk,
        "path": given.path,
        "commit_id": given.commit_id,
        "original_commit_id": given.original_commit_id,
        "user": user(core, given.user),
        "body": given.body,
        "created_at": stamp(given.created_at),
        "updated_at": stamp(given.updated_at),
        "html_url": page,
        "pull_request_url": pull,
        "author_association": association(core, repo, given.user),
        "_links": {"self": {"href": url}, "html": {"href": page}, "pull_request": {"href": pull}},
        "subject_type": given.subject_type,
        "reactions": rollup(url, ()),
        "start_line": given.start_line,
        "original_start_line": given.start_line,
        "start_side": given.start_side,
        "side": given.side,
    }
    if given.line is not None:
        found["line"] = found["original_line"] = given.line
    found["position"] = found["original_position"] = given.position or 1
    if given.in_reply_to is not None:
        found["in_reply_to_id"] = given.in_reply_to
    return found
