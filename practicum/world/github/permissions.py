"""Which fine-grained permission each route needs.

Written from GitHub's "Permissions required for fine-grained personal access tokens"
(https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens), with the
names that the API itself uses (schema `app-permissions` of its OpenAPI document: `repository_hooks`, not "Webhooks").
Where GitHub accepts any of several permissions the others are `alternatives`. The proctor has its own table, written
apart from this one; a test holds the two to each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the REST API."""

    method: str
    template: str
    permission: str
    """Empty where any valid token will do."""
    level: Level
    alternatives: tuple[str, ...] = ()
    role: str = "read"
    """The least role that the account needs in the repository."""


_R = "/repos/{owner}/{repo}"
_PULLS = ("pull_requests",)


def _group(
    permission: str, level: Level, lines: str, *, role: str = "read", alternatives: tuple[str, ...] = ()
) -> tuple[Route, ...]:
    """Each line is `METHOD template`; `~` stands for `/repos/{owner}/{repo}`."""
    pairs = (line.split() for line in lines.strip().splitlines())
    return tuple(
        Route(method, template.replace("~", _R), permission, level, alternatives, role) for method, template in pairs
    )


ROUTES: tuple[Route, ...] = (
    *_group(
        "",
        "read",
        """
        GET /
        GET /meta
        GET /rate_limit
        GET /user
        GET /user/orgs
        GET /users/{username}
        GET /users/{username}/orgs
        GET /orgs/{org}
        GET /orgs/{org}/members
        GET /search/repositories
        """,
    ),
    *_group(
        "metadata",
        "read",
        """
        GET ~
        GET /repositories/{repository_id}
        GET /user/repos
        GET /users/{username}/repos
        GET /orgs/{org}/repos
        GET ~/collaborators
        GET ~/collaborators/{username}
        GET ~/collaborators/{username}/permission
        GET ~/contributors
        GET ~/languages
        GET ~/tags
        GET ~/topics
        """,
    ),
    *_group("administration", "write", "POST /user/repos\nPOST /orgs/{org}/repos"),
    *_group(
        "administration",
        "write",
        """
        PATCH ~
        DELETE ~
        PUT ~/topics
        PUT ~/collaborators/{username}
        DELETE ~/collaborators/{username}
        PUT ~/branches/{branch}/protection
        DELETE ~/branches/{branch}/protection
        POST ~/branches/{branch}/protection/enforce_admins
        DELETE ~/branches/{branch}/protection/enforce_admins
        PATCH ~/branches/{branch}/protection/required_pull_request_reviews
        DELETE ~/branches/{branch}/protection/required_pull_request_reviews
        PATCH ~/branches/{branch}/protection/required_status_checks
        DELETE ~/branches/{branch}/protection/required_status_checks
        """,
        role="admin",
    ),
    *_group(
        "administration",
        "read",
        """
        GET ~/branches/{branch}/protection
        GET ~/branches/{branch}/protection/enforce_admins
        GET ~/branches/{branch}/protection/required_pull_request_reviews
        GET ~/branches/{branch}/protection/required_status_checks
        """,
        role="write",
    ),
    *_group(
        "contents",
        "read",
        """
        GET ~/activity
        GET ~/branches
        GET ~/branches/{branch}
        GET ~/commits
        GET ~/commits/{ref}
        GET ~/commits/{commit_sha}/branches-where-head
        GET ~/compare/{basehead}
        GET ~/contents
        GET ~/contents/{path}
        GET ~/readme
        GET ~/git/blobs/{file_sha}
        GET ~/git/commits/{commit_sha}
        GET ~/git/trees/{tree_sha}
        GET ~/git/tags/{tag_sha}
        GET ~/git/ref/{ref}
        GET ~/git/refs
        GET ~/git/refs/{ref}
        GET ~/git/matching-refs/{ref}
        GET ~/releases
        GET ~/releases/latest
        GET ~/releases/tags/{tag}
        GET ~/releases/{release_id}
        GET ~/releases/{release_id}/assets
        GET ~/releases/assets/{asset_id}
        """,
    ),
    *_group(
        "contents",
        "write",
        """
        PUT ~/contents/{path}
        DELETE ~/contents/{path}
        POST ~/git/blobs
        POST ~/git/commits
        POST ~/git/trees
        POST ~/git/tags
        POST ~/git/refs
        PATCH ~/git/refs/{ref}
        DELETE ~/git/refs/{ref}
        POST ~/merges
        POST ~/branches/{branch}/rename
        PUT ~/pulls/{pull_number}/merge
        POST ~/releases
        PATCH ~/releases/{release_id}
        DELETE ~/releases/{release_id}
        POST ~/releases/generate-notes
        POST ~/releases/{release_id}/assets
        PATCH ~/releases/assets/{asset_id}
        DELETE ~/releases/assets/{asset_id}
        """,
        role="write",
    ),
    *_group(
        "issues",
        "read",
        """
        GET /search/issues
        GET ~/assignees
        GET ~/assignees/{assignee}
        GET ~/issues
        GET ~/issues/{issue_number}
        GET ~/issues/comments
        GET ~/issues/comments/{comment_id}
        GET ~/issues/comments/{comment_id}/reactions
        GET ~/issues/{issue_number}/comments
        GET ~/issues/events
        GET ~/issues/{issue_number}/events
        GET ~/issues/{issue_number}/timeline
        GET ~/issues/{issue_number}/labels
        GET ~/issues/{issue_number}/reactions
        GET ~/labels
        GET ~/labels/{name}
        GET ~/milestones
        GET ~/milestones/{milestone_number}
        GET ~/milestones/{milestone_number}/labels
        """,
        alternatives=_PULLS,
    ),
    *_group(
        "issues",
        "write",
        """
        PATCH ~/issues/{issue_number}
        PATCH ~/issues/comments/{comment_id}
        DELETE ~/issues/comments/{comment_id}
        POST ~/issues/{issue_number}/comments
        POST ~/issues/{issue_number}/reactions
        DELETE ~/issues/{issue_number}/reactions/{reaction_id}
        POST ~/issues/comments/{comment_id}/reactions
        DELETE ~/issues/comments/{comment_id}/reactions/{reaction_id}
        """,
        alternatives=_PULLS,
    ),
    *_group("issues", "write", "POST ~/issues"),
    *_group(
        "issues",
        "write",
        """
        POST ~/issues/{issue_number}/assignees
        DELETE ~/issues/{issue_number}/assignees
        POST ~/issues/{issue_number}/labels
        PUT ~/issues/{issue_number}/labels
        DELETE ~/issues/{issue_number}/labels
        DELETE ~/issues/{issue_number}/labels/{name}
        """,
        role="triage",
        alternatives=_PULLS,
    ),
    *_group(
        "issues",
        "write",
        """
        PUT ~/issues/{issue_number}/lock
        DELETE ~/issues/{issue_number}/lock
        POST ~/labels
        PATCH ~/labels/{name}
        DELETE ~/labels/{name}
        POST ~/milestones
        PATCH ~/milestones/{milestone_number}
        DELETE ~/milestones/{milestone_number}
        """,
        role="write",
        alternatives=_PULLS,
    ),
    *_group(
        "pull_requests",
        "read",
        """
        GET ~/pulls
        GET ~/pulls/{pull_number}
        GET ~/pulls/{pull_number}/commits
        GET ~/pulls/{pull_number}/files
        GET ~/pulls/{pull_number}/requested_reviewers
        GET ~/pulls/{pull_number}/reviews
        GET ~/pulls/{pull_number}/reviews/{review_id}
        GET ~/pulls/{pull_number}/reviews/{review_id}/comments
        GET ~/pulls/{pull_number}/comments
        GET ~/pulls/comments
        GET ~/pulls/comments/{comment_id}
        GET ~/commits/{commit_sha}/pulls
        """,
    ),
    *_group("contents", "read", "GET ~/pulls/{pull_number}/merge"),
    *_group(
        "pull_requests",
        "write",
        """
        POST ~/pulls
        PATCH ~/pulls/{pull_number}
        POST ~/pulls/{pull_number}/reviews
        PUT ~/pulls/{pull_number}/reviews/{review_id}
        DELETE ~/pulls/{pull_number}/reviews/{review_id}
        POST ~/pulls/{pull_number}/reviews/{review_id}/events
        POST ~/pulls/{pull_number}/comments
        POST ~/pulls/{pull_number}/comments/{comment_id}/replies
        PATCH ~/pulls/comments/{comment_id}
        DELETE ~/pulls/comments/{comment_id}
        """,
    ),
    *_group(
        "pull_requests",
        "write",
        """
        PUT ~/pulls/{pull_number}/reviews/{review_id}/dismissals
        PUT ~/pulls/{pull_number}/update-branch
        POST ~/pulls/{pull_number}/requested_reviewers
        DELETE ~/pulls/{pull_number}/requested_reviewers
        """,
        role="write",
    ),
    *_group(
        "checks",
        "read",
        """
        GET ~/check-runs/{check_run_id}
        GET ~/check-runs/{check_run_id}/annotations
        GET ~/check-suites/{check_suite_id}
        GET ~/check-suites/{check_suite_id}/check-runs
        GET ~/commits/{ref}/check-runs
        GET ~/commits/{ref}/check-suites
        """,
    ),
    *_group("checks", "write", "POST ~/check-runs\nPATCH ~/check-runs/{check_run_id}", role="write"),
    *_group("statuses", "read", "GET ~/commits/{ref}/status\nGET ~/commits/{ref}/statuses\nGET ~/statuses/{sha}"),
    *_group("statuses", "write", "POST ~/statuses/{sha}", role="write"),
    *_group(
        "repository_hooks",
        "read",
        """
        GET ~/hooks
        GET ~/hooks/{hook_id}
        GET ~/hooks/{hook_id}/deliveries
        GET ~/hooks/{hook_id}/deliveries/{delivery_id}
        """,
        role="admin",
    ),
    *_group(
        "repository_hooks",
        "write",
        """
        POST ~/hooks
        PATCH ~/hooks/{hook_id}
        DELETE ~/hooks/{hook_id}
        POST ~/hooks/{hook_id}/pings
        POST ~/hooks/{hook_id}/tests
        POST ~/hooks/{hook_id}/deliveries/{delivery_id}/attempts
        """,
        role="admin",
    ),
    *_group(
        "actions",
        "read",
        """
        GET ~/actions/workflows
        GET ~/actions/workflows/{workflow_id}
        GET ~/actions/workflows/{workflow_id}/runs
        GET ~/actions/runs
        GET ~/actions/runs/{run_id}
        GET ~/actions/runs/{run_id}/jobs
        GET ~/actions/runs/{run_id}/artifacts
        GET ~/actions/runs/{run_id}/logs
        GET ~/actions/jobs/{job_id}
        GET ~/actions/jobs/{job_id}/logs
        GET ~/actions/artifacts
        GET ~/actions/artifacts/{artifact_id}
        GET ~/actions/artifacts/{artifact_id}/{archive_format}
        """,
    ),
    *_group(
        "actions",
        "write",
        """
        POST ~/actions/workflows/{workflow_id}/dispatches
        POST ~/actions/runs/{run_id}/rerun
        DELETE ~/actions/artifacts/{artifact_id}
        """,
        role="write",
    ),
)
"""Every operation that the simulated GitHub answers; anything else is 404."""
