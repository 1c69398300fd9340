"""What an event says of a thing: enough that an agent need not ask again."""

from __future__ import annotations

from practicum.bus.events import Json
from practicum.world.github.core import Core
from practicum.world.github.git.objects import Commit
from practicum.world.github.state import Issue, Pull, Repository, Review

Facts = dict[str, Json]


def issue_facts(core: Core, repo: Repository, issue: Issue) -> Facts:
    """An issue, or what a pull request shares with one."""
    kind = "pull" if issue.pull else "issues"
    return {
        "number": issue.number,
        "title": issue.title,
        "body": issue.body or "",
        "state": issue.state,
        "author": issue.user,
        "labels": list(issue.labels),
        "assignee": issue.assignees[0] if issue.assignees else None,
        "assignees": list(issue.assignees),
        "is_pull_request": issue.pull is not None,
        "url": f"{core.html}/{repo.full_name}/{kind}/{issue.number}",
    }


def pull_facts(core: Core, repo: Repository, issue: Issue, pull: Pull) -> Facts:
    """A pull request."""
    return {
        **issue_facts(core, repo, issue),
        "branch": pull.head_ref,
        "head": pull.head_ref,
        "base": pull.base_ref,
        "sha": pull.head_sha,
        "base_sha": pull.base_sha,
        "draft": pull.draft,
        "merged": pull.merged,
        "merge_commit_sha": pull.merge_commit_sha,
        "requested_reviewers": list(pull.requested_reviewers),
    }


def review_facts(review: Review) -> Facts:
    """A review, to stand beside its pull request's facts."""
    return {
        "review": review.id,
        "state": review.state.lower(),
        "review_body": review.body,
        "reviewer": review.user,
        "commit_id": review.commit_id,
    }


def commit_facts(commit: Commit) -> Facts:
    """A commit of a push."""
    return {
        "sha": commit.sha,
        "message": commit.message.rstrip("\n"),
        "author": commit.author.name,
        "email": commit.author.email,
    }
