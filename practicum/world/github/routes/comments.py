"""Comments in the conversation of issues and pull requests."""

from __future__ import annotations

from practicum.world.github import webhooks
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import ApiError, not_found
from practicum.world.github.facts import issue_facts
from practicum.world.github.render.issues import comment as render
from practicum.world.github.render.issues import issue as render_issue
from practicum.world.github.routes.issues import moment
from practicum.world.github.state import Comment


def need_comment(call: Call) -> Comment:
    """The comment that the path names.

    Raises:
        ApiError: 404; 403 when the token may not touch its issue or pull request.
    """
    for issue in call.repo.issues.values():
        for comment in issue.comments:
            if comment.id == call.number("comment_id"):
                call.check_kind(issue)
                return comment
    raise not_found()


@handles("GET", "~/issues/{issue_number}/comments")
async def comments(call: Call) -> Reply:
    found, since = call.issue().comments, call.query("since")
    if since:
        when = moment(since)
        found = [comment for comment in found if comment.updated_at >= when]
    return call.listing(found, lambda each: render(call.core, call.repo, each))


@handles("GET", "~/issues/comments")
async def all_comments(call: Call) -> Reply:
    found = [comment for issue in call.repo.issues.values() for comment in issue.comments]
    key = "updated_at" if call.query("sort") == "updated" else "created_at"
    found.sort(key=lambda each: (getattr(each, key), each.id), reverse=call.query("direction") == "desc")
    return call.listing(found, lambda each: render(call.core, call.repo, each))


@handles("POST", "~/issues/{issue_number}/comments")
async def create(call: Call) -> Reply:
    core, repo, issue = call.core, call.repo, call.issue()
    if issue.locked and call.role() in ("none", "read", "triage"):
        raise ApiError(403, "Unable to create comment because issue is locked.")
    body, now = call.body.need("body", "IssueComment"), core.now()
    comment = Comment(core.next_id(), issue.number, call.login, body, now, now)
    issue.comments.append(comment)
    issue.updated_at = now
    facts = {
        **issue_facts(core, repo, issue),
        "comment": comment.id,
        "comment_body": body,
        "commenter": call.login,
        "text": body,
    }
    await core.changed("issue_comment.created", repo, call.by, facts, number=issue.number)
    await webhooks.fire(
        core,
        repo,
        "issue_comment",
        "created",
        call.by,
        lambda: {"issue": render_issue(core, repo, issue), "comment": render(core, repo, comment)},
    )
    shown = render(core, repo, comment)
    return Reply(shown, 201, {"Location": str(shown["url"])})


@handles("GET", "~/issues/comments/{comment_id}")
async def get(call: Call) -> Reply:
    return Reply(render(call.core, call.repo, need_comment(call)))


@handles("PATCH", "~/issues/comments/{comment_id}")
async def edit(call: Call) -> Reply:
    comment = need_comment(call)
    if comment.user != call.login:
        call.need_role("write")
    comment.body, comment.updated_at = call.body.need("body", "IssueComment"), call.core.now()
    return Reply(render(call.core, call.repo, comment))


@handles("DELETE", "~/issues/comments/{comment_id}")
async def delete(call: Call) -> Reply:
    comment = need_comment(call)
    if comment.user != call.login:
        call.need_role("write")
    call.repo.issues[comment.number].comments.remove(comment)
    return Reply(status=204)
