"""Putting a comment on a line of a pull request's difference."""

from __future__ import annotations

import re

from practicum.world.github import webhooks
from practicum.world.github.body import Body
from practicum.world.github.core import Cause, Core
from practicum.world.github.errors import ApiError, invalid
from practicum.world.github.facts import pull_facts
from practicum.world.github.git.diff import FileChange
from practicum.world.github.pulls.measure import files_of
from practicum.world.github.render.basics import Object
from practicum.world.github.render.pulls import pull_simple, review_comment
from practicum.world.github.state import Issue, Pull, Repository, ReviewComment

_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


def locate(patch: str, line: int | None, side: str, position: int | None) -> tuple[str, int, int] | None:
    """The part of a hunk up to a line: (its text, the line's number on `side`, its position in the patch).

    A line is named by its number after (`RIGHT`) or before (`LEFT`) the change, or by `position`: lines below the first
    `@@`, counted from 1 (https://docs.github.com/en/rest/pulls/comments). None when the difference does not show it.
    """
    hunk: list[str] = []
    left = right = 0
    for at, text in enumerate(patch.split("\n")):
        start = _HUNK.match(text)
        if start:
            hunk, left, right = [text], int(start[1]) - 1, int(start[2]) - 1
            continue
        hunk.append(text)
        left += text[:1] in (" ", "-")
        right += text[:1] in (" ", "+")
        shown = text[:1] in ((" ", "+") if side == "RIGHT" else (" ", "-"))
        number = right if side == "RIGHT" else left
        if at == position or (position is None and shown and number == line):
            return "\n".join(hunk), number, at
    return None


async def make_comment(
    core: Core, repo: Repository, issue: Issue, pull: Pull, body: Body, login: str, *, commit: str, review: int | None
) -> ReviewComment:
    """Read a comment from a body; nothing is stored or told yet.

    Raises:
        ApiError: 422 when the file or the line is not part of the difference.
    """
    text, path = body.need("body", "PullRequestReviewComment"), body.need("path", "PullRequestReviewComment")
    file = next((each for each in await files_of(repo, pull) if each.filename == path), None)
    if file is None:
        raise invalid("PullRequestReviewComment", "path", "invalid", "pull_request_review_thread.path is invalid")
    now = core.now()
    made = ReviewComment(core.next_id(), review, login, text, path, commit, commit, "", now, now)
    if body.text("subject_type") == "file":
        made.subject_type = "file"
        return made
    _place(made, file, body)
    return made


def _place(made: ReviewComment, file: FileChange, body: Body) -> None:
    line, position = body.number("line"), body.number("position")
    made.side = body.text("side") or "RIGHT"
    made.start_line, made.start_side = body.number("start_line"), body.text("start_side")
    if made.start_line is not None and made.start_side is None:
        made.start_side = made.side
    if line is None and position is None:
        raise invalid("PullRequestReviewComment", "line", "missing_field", "line or position must be given")
    found = locate(file.patch or "", line, made.side, position if line is None else None)
    if found is None:
        name = "line" if line is not None else "position"
        text = f"pull_request_review_thread.{name} must be part of the diff"
        raise ApiError(
            422,
            "Validation Failed",
            errors=[{"resource": "PullRequestReviewComment", "field": name, "code": "custom", "message": text}],
        )
    made.diff_hunk, made.line, made.position = found


async def tell_comment(
    core: Core, repo: Repository, issue: Issue, pull: Pull, comment: ReviewComment, by: Cause
) -> None:
    """Tell that a review comment was made."""
    issue.updated_at = core.now()
    facts: Object = {
        **pull_facts(core, repo, issue, pull),
        "comment": comment.id,
        "comment_body": comment.body,
        "text": comment.body,
        "commenter": comment.user,
        "path": comment.path,
        "line": comment.line,
        "diff_hunk": comment.diff_hunk,
        "commit_id": comment.commit_id,
        "in_reply_to": comment.in_reply_to,
    }
    await core.changed("review_comment.created", repo, by, facts, number=issue.number)
    await webhooks.fire(
        core,
        repo,
        "pull_request_review_comment",
        "created",
        by,
        lambda: {
            "pull_request": pull_simple(core, repo, issue, pull),
            "comment": review_comment(core, repo, issue, comment),
        },
    )
