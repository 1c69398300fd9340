"""Comments on lines of a pull request's difference."""

from __future__ import annotations

from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import not_found, unprocessable
from practicum.world.github.pulls.comment import make_comment, tell_comment
from practicum.world.github.render.pulls import review_comment as render
from practicum.world.github.state import Issue, Pull, Review, ReviewComment


def _visible(pull: Pull) -> list[ReviewComment]:
    pending = {review.id for review in pull.reviews if review.state == "PENDING"}
    return [comment for comment in pull.comments if comment.review not in pending]


def _comment(call: Call) -> tuple[Issue, Pull, ReviewComment]:
    for issue in call.repo.issues.values():
        for comment in issue.pull.comments if issue.pull else ():
            if comment.id == call.number("comment_id") and issue.pull is not None:
                return issue, issue.pull, comment
    raise not_found()


@handles("GET", "~/pulls/{pull_number}/comments")
async def comments(call: Call) -> Reply:
    issue, pull = call.pull()
    return call.listing(_visible(pull), lambda each: render(call.core, call.repo, issue, each))


@handles("GET", "~/pulls/comments")
async def all_comments(call: Call) -> Reply:
    found = [(issue, each) for issue in call.repo.issues.values() if issue.pull for each in _visible(issue.pull)]
    return call.listing(found, lambda pair: render(call.core, call.repo, *pair))


@handles("POST", "~/pulls/{pull_number}/comments")
async def create(call: Call) -> Reply:
    issue, pull = call.pull()
    answered = call.body.number("in_reply_to")
    if answered is not None:
        return await _reply(call, issue, pull, answered)
    commit = call.body.need("commit_id", "PullRequestReviewComment")
    if await call.repo.git.resolve(commit) != commit:
        raise unprocessable("No commit found for SHA: commit_id")
    comment = await make_comment(call.core, call.repo, issue, pull, call.body, call.login, commit=commit, review=None)
    return await _store(call, issue, pull, comment)


@handles("POST", "~/pulls/{pull_number}/comments/{comment_id}/replies")
async def reply(call: Call) -> Reply:
    issue, pull = call.pull()
    return await _reply(call, issue, pull, call.number("comment_id"))


async def _reply(call: Call, issue: Issue, pull: Pull, answered: int) -> Reply:
    first = next((comment for comment in pull.comments if comment.id == answered), None)
    if first is None:
        raise not_found()
    now, text = call.core.now(), call.body.need("body", "PullRequestReviewComment")
    comment = ReviewComment(
        call.core.next_id(),
        None,
        call.login,
        text,
        first.path,
        first.commit_id,
        first.original_commit_id,
        first.diff_hunk,
        now,
        now,
        line=first.line,
        side=first.side,
        position=first.position,
        in_reply_to=first.in_reply_to or first.id,
        subject_type=first.subject_type,
    )
    return await _store(call, issue, pull, comment)


async def _store(call: Call, issue: Issue, pull: Pull, comment: ReviewComment) -> Reply:
    """A comment made alone still belongs to a review, as on GitHub: one that holds nothing else."""
    review = Review(call.core.next_id(), call.login, "", "COMMENTED", comment.commit_id, call.core.now())
    comment.review = review.id
    pull.reviews.append(review)
    pull.comments.append(comment)
    await tell_comment(call.core, call.repo, issue, pull, comment, call.by)
    shown = render(call.core, call.repo, issue, comment)
    return Reply(shown, 201, {"Location": str(shown["url"])})


@handles("GET", "~/pulls/comments/{comment_id}")
async def get(call: Call) -> Reply:
    issue, _, comment = _comment(call)
    return Reply(render(call.core, call.repo, issue, comment))


@handles("PATCH", "~/pulls/comments/{comment_id}")
async def edit(call: Call) -> Reply:
    issue, _, comment = _comment(call)
    if comment.user != call.login:
        call.need_role("write")
    comment.body, comment.updated_at = call.body.need("body", "PullRequestReviewComment"), call.core.now()
    return Reply(render(call.core, call.repo, issue, comment))


@handles("DELETE", "~/pulls/comments/{comment_id}")
async def delete(call: Call) -> Reply:
    _, pull, comment = _comment(call)
    if comment.user != call.login:
        call.need_role("write")
    pull.comments.remove(comment)
    return Reply(status=204)
