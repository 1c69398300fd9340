"""Reviews of pull requests."""

from __future__ import annotations

from practicum.world.github import webhooks
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.editing import note
from practicum.world.github.errors import ApiError, not_found, unprocessable
from practicum.world.github.facts import pull_facts, review_facts
from practicum.world.github.pulls.comment import make_comment, tell_comment
from practicum.world.github.render.basics import Object
from practicum.world.github.render.pulls import pull_simple
from practicum.world.github.render.pulls import review as render
from practicum.world.github.render.pulls import review_comment as render_comment
from practicum.world.github.state import Issue, IssueEvent, Pull, Review, ReviewComment

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def _review(call: Call) -> tuple[Issue, Pull, Review]:
    issue, pull = call.pull()
    for review in pull.reviews:
        mine = review.state != "PENDING" or review.user == call.login
        if review.id == call.number("review_id") and mine:
            return issue, pull, review
    raise not_found()


def _check_event(call: Call, issue: Issue, event: str, body: str, comments: int) -> None:
    if event not in _STATES:
        raise unprocessable(f"Invalid request.\n\n{event} is not a member of APPROVE, REQUEST_CHANGES, COMMENT.")
    if issue.user == call.login and event != "COMMENT":
        act = "approve" if event == "APPROVE" else "request changes on"
        raise ApiError(422, "Unprocessable Entity", errors=[f"Can not {act} your own pull request"])
    if event != "APPROVE" and not body and not comments:
        raise ApiError(422, "Unprocessable Entity", errors=["Body can't be blank"])
    if event != "COMMENT" and issue.state != "open":
        raise ApiError(422, "Unprocessable Entity", errors=["Can not review a closed pull request"])


@handles("GET", "~/pulls/{pull_number}/reviews")
async def reviews(call: Call) -> Reply:
    issue, pull = call.pull()
    shown = [review for review in pull.reviews if review.state != "PENDING" or review.user == call.login]
    return call.listing(shown, lambda each: render(call.core, call.repo, issue, each))


@handles("POST", "~/pulls/{pull_number}/reviews")
async def create(call: Call) -> Reply:
    """Make a review: pending without an event, submitted with one; it judges one commit, the head unless it says."""
    core, repo, body = call.core, call.repo, call.body
    issue, pull = call.pull()
    event, text, given = body.text("event"), body.text("body") or "", body.objects("comments")
    commit = await _commit(call, pull)
    if event:
        _check_event(call, issue, event, text, len(given))
    if any(each.state == "PENDING" and each.user == call.login for each in pull.reviews):
        raise ApiError(422, "Unprocessable Entity", errors=["User can only have one pending review per pull request"])
    review = Review(core.next_id(), call.login, text, "PENDING", commit)
    comments: list[ReviewComment] = [
        await make_comment(core, repo, issue, pull, each, call.login, commit=commit, review=review.id) for each in given
    ]
    pull.reviews.append(review)
    pull.comments.extend(comments)
    if event:
        await _submit(call, issue, pull, review, event)
    return Reply(render(core, repo, issue, review))


async def _commit(call: Call, pull: Pull) -> str:
    given = call.body.text("commit_id")
    if given is None:
        return pull.head_sha
    if await call.repo.git.resolve(given) != given:
        raise unprocessable("No commit found for SHA: commit_id")
    return given


async def _submit(call: Call, issue: Issue, pull: Pull, review: Review, event: str) -> None:
    core, repo = call.core, call.repo
    review.state, review.submitted_at = _STATES[event], core.now()
    issue.updated_at = core.now()
    if review.user in pull.requested_reviewers:
        pull.requested_reviewers.remove(review.user)
    mine = [comment for comment in pull.comments if comment.review == review.id]
    lines: Object = {
        "comments": [{"path": each.path, "line": each.line, "body": each.body} for each in mine],
        "pull_request_state": issue.state,
    }
    facts: Object = {**pull_facts(core, repo, issue, pull), **lines, **review_facts(review)}
    await core.changed("review.submitted", repo, call.by, facts, number=issue.number)

    def payload() -> Object:
        shown = {**render(core, repo, issue, review), "state": review.state.lower()}
        return {"review": shown, "pull_request": pull_simple(core, repo, issue, pull)}

    await webhooks.fire(core, repo, "pull_request_review", "submitted", call.by, payload)
    for comment in mine:
        await tell_comment(core, repo, issue, pull, comment, call.by)


@handles("GET", "~/pulls/{pull_number}/reviews/{review_id}")
async def get(call: Call) -> Reply:
    issue, _, review = _review(call)
    return Reply(render(call.core, call.repo, issue, review))


@handles("PUT", "~/pulls/{pull_number}/reviews/{review_id}")
async def edit(call: Call) -> Reply:
    issue, _, review = _review(call)
    if review.user != call.login:
        raise ApiError(403, "Can not update another user's review")
    review.body = call.body.need("body", "PullRequestReview")
    return Reply(render(call.core, call.repo, issue, review))


@handles("DELETE", "~/pulls/{pull_number}/reviews/{review_id}")
async def delete(call: Call) -> Reply:
    issue, pull, review = _review(call)
    if review.state != "PENDING":
        raise ApiError(422, "Unprocessable Entity", errors=["Can not delete a non-pending pull request review"])
    pull.reviews.remove(review)
    pull.comments = [comment for comment in pull.comments if comment.review != review.id]
    return Reply(render(call.core, call.repo, issue, review))


@handles("GET", "~/pulls/{pull_number}/reviews/{review_id}/comments")
async def comments(call: Call) -> Reply:
    issue, pull, review = _review(call)
    found = [comment for comment in pull.comments if comment.review == review.id]
    return call.listing(found, lambda each: render_comment(call.core, call.repo, issue, each))


@handles("POST", "~/pulls/{pull_number}/reviews/{review_id}/events")
async def submit(call: Call) -> Reply:
    issue, pull, review = _review(call)
    event = call.body.need("event", "PullRequestReview")
    if review.state != "PENDING":
        raise unprocessable("Review has already been submitted")
    text = call.body.text("body") or review.body
    _check_event(call, issue, event, text, sum(comment.review == review.id for comment in pull.comments))
    review.body = text
    await _submit(call, issue, pull, review, event)
    return Reply(render(call.core, call.repo, issue, review))


@handles("PUT", "~/pulls/{pull_number}/reviews/{review_id}/dismissals")
async def dismiss(call: Call) -> Reply:
    core, repo = call.core, call.repo
    issue, _, review = _review(call)
    message = call.body.need("message", "PullRequestReview")
    if review.state not in ("APPROVED", "CHANGES_REQUESTED"):
        raise unprocessable(f"Can not dismiss a {review.state.lower()} pull request review")
    review.original_state, review.state = review.state, "DISMISSED"
    event = IssueEvent(core.next_id(), "review_dismissed", call.login, core.now(), review=review.id, message=message)
    note(core, issue, event)
    return Reply(render(core, repo, issue, review))
