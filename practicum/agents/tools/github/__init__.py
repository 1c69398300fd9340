"""GitHub, through PyGithub and the gateway."""

from practicum.agents.tools.github.issues import (
    ISSUES,
    assign_issue,
    close_issue,
    comment,
    get_issue,
    label_issue,
    list_comments,
    list_issues,
    open_issue,
)
from practicum.agents.tools.github.pulls import (
    PULLS,
    get_pull_request,
    list_pull_requests,
    merge_pull_request,
    open_pull_request,
    pull_request_files,
)
from practicum.agents.tools.github.releases import RELEASES, create_release, list_checks
from practicum.agents.tools.github.reviews import REVIEWS, list_reviews, request_review, review_pull_request
from practicum.agents.tools.github.shapes import (
    ChangedFile,
    Check,
    Comment,
    Issue,
    Merged,
    PullRequest,
    Release,
    Review,
    ReviewComment,
)

GITHUB = ISSUES + PULLS + REVIEWS + RELEASES

__all__ = [
    "GITHUB",
    "ChangedFile",
    "Check",
    "Comment",
    "Issue",
    "Merged",
    "PullRequest",
    "Release",
    "Review",
    "ReviewComment",
    "assign_issue",
    "close_issue",
    "comment",
    "create_release",
    "get_issue",
    "get_pull_request",
    "label_issue",
    "list_checks",
    "list_comments",
    "list_issues",
    "list_pull_requests",
    "list_reviews",
    "merge_pull_request",
    "open_issue",
    "open_pull_request",
    "pull_request_files",
    "request_review",
    "review_pull_request",
]
