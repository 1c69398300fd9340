"""Pull requests: list, open, read, edit, what they contain, merge."""

from __future__ import annotations

from datetime import datetime

from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.editing import tell
from practicum.world.github.errors import ApiError, invalid, not_found
from practicum.world.github.git.diff import diff_text, mail_patches
from practicum.world.github.git.history import ahead_behind, merge_base
from practicum.world.github.pulls import sync
from practicum.world.github.pulls.measure import base_tip, commits_of, files_of, merged_tree, size_of, start_of
from practicum.world.github.pulls.merge import merge as merge_pull
from practicum.world.github.pulls.merge import update_branch
from practicum.world.github.pulls.rules import contexts_of, merge_refusal
from practicum.world.github.render.basics import Object
from practicum.world.github.render.commits import commit as render_commit
from practicum.world.github.render.commits import diff_entry
from practicum.world.github.render.pulls import pull_full, pull_simple, pull_url
from practicum.world.github.routes.issues import edit_shared
from practicum.world.github.state import Issue, Pull


async def _full(call: Call, issue: Issue, pull: Pull) -> Object:
    repo = call.repo
    mergeable, state = await _mergeable(call, issue, pull)
    return pull_full(call.core, repo, issue, pull, await size_of(repo, pull), mergeable, state)


async def _mergeable(call: Call, issue: Issue, pull: Pull) -> tuple[bool | None, str]:
    """Whether it merges, and GitHub's `mergeable_state`; closed ones are not looked at."""
    repo = call.repo
    if issue.state != "open" or repo.git.branch(pull.base_ref) is None:
        return (None if pull.merged else False), "unknown"
    if await merged_tree(repo, pull) is None:
        return False, "dirty"
    if pull.draft:
        return True, "draft"
    rules = repo.protections.get(pull.base_ref)
    strict = rules is not None and rules.strict
    behind = strict and (await ahead_behind(repo.git, base_tip(repo, pull), pull.head_sha))[1] > 0
    if merge_refusal(repo, issue, pull, call.login, behind=False) is not None:
        return True, "blocked"
    if behind:
        return True, "behind"
    states = set(contexts_of(repo, pull.head_sha).values())
    return True, "unstable" if states - {"success"} else "clean"


@handles("GET", "~/pulls")
async def pulls(call: Call) -> Reply:
    state, head, base = call.query("state", "open"), call.query("head"), call.query("base")
    owner, _, branch = head.partition(":") if ":" in head else (call.repo.owner, "", head)
    found = [
        (issue, issue.pull)
        for issue in call.repo.issues.values()
        if issue.pull is not None
        and state in ("all", issue.state)
        and (not head or (issue.pull.head_ref == branch and owner == call.repo.owner))
        and (not base or issue.pull.base_ref == base)
    ]
    sort = call.query("sort", "created")

    def key(pair: tuple[Issue, Pull]) -> tuple[datetime | int, int]:
        issue = pair[0]
        if sort == "popularity":
            return len(issue.comments), issue.number
        return (issue.updated_at if sort == "updated" else issue.created_at), issue.number

    default = "desc" if sort == "created" else "asc"
    found.sort(key=key, reverse=call.query("direction", default) == "desc")
    return call.listing(found, lambda pair: pull_simple(call.core, call.repo, *pair))


@handles("POST", "~/pulls")
async def create(call: Call) -> Reply:
    core, repo, body = call.core, call.repo, call.body
    title, head, base = body.need("title", "PullRequest"), body.need("head", "PullRequest"), body.text("base")
    if not base:
        raise invalid("PullRequest", "base", "missing_field")
    owner, _, branch = head.partition(":") if ":" in head else (repo.owner, "", head)
    async with repo.lock:
        head_sha, base_sha = repo.git.branch(branch), repo.git.branch(base)
        if head_sha is None or owner.lower() != repo.owner.lower():
            raise invalid("PullRequest", "head")
        if base_sha is None:
            raise invalid("PullRequest", "base")
        _check_new(call, branch, base)
        common = await merge_base(repo.git, base_sha, head_sha)
        if common is None:
            text = f"The {branch} branch has no history in common with {base}"
            raise ApiError(422, "Validation Failed", errors=[_custom(text)])
        if common == head_sha:
            text = f"No commits between {base} and {branch}"
            raise ApiError(422, "Validation Failed", errors=[_custom(text)])
        now = core.now()
        pull = Pull(core.next_id(), branch, head_sha, base, base_sha, body.flag("draft", False))
        pull.maintainer_can_modify = body.flag("maintainer_can_modify", False)
        issue = Issue(core.next_id(), repo.next_number(), title, body.text("body"), call.login, now, now, pull=pull)
        repo.issues[issue.number] = issue
        await sync.point(repo, issue, pull)
        await tell(core, repo, issue, "opened", call.by, {})
        await sync.trigger(core, repo, issue, pull, "opened", call.by)
    shown = await _full(call, issue, pull)
    return Reply(shown, 201, {"Location": str(shown["url"])})


def _custom(message: str) -> Object:
    return {"resource": "PullRequest", "code": "custom", "message": message}


def _check_new(call: Call, head: str, base: str) -> None:
    for issue in call.repo.open_pulls():
        if issue.pull is not None and (issue.pull.head_ref, issue.pull.base_ref) == (head, base):
            text = f"A pull request already exists for {call.repo.owner}:{head}."
            raise ApiError(422, "Validation Failed", errors=[_custom(text)])


@handles("GET", "~/pulls/{pull_number}")
async def get(call: Call) -> Reply:
    issue, pull = call.pull()
    accept = call.request.headers.get("Accept", "")
    if "diff" in accept:
        content = await diff_text(call.repo.git, await start_of(call.repo, pull), pull.head_sha)
        return Reply(content=content, content_type="application/vnd.github.diff; charset=utf-8")
    if "patch" in accept:
        content = await mail_patches(call.repo.git, await start_of(call.repo, pull), pull.head_sha)
        return Reply(content=content, content_type="application/vnd.github.patch; charset=utf-8")
    return Reply(await _full(call, issue, pull))


@handles("PATCH", "~/pulls/{pull_number}")
async def edit(call: Call) -> Reply:
    issue, pull = call.pull()
    if issue.user != call.login:
        call.need_role("write")
    base = call.body.text("base")
    if base is not None and base != pull.base_ref:
        tip = call.repo.git.branch(base)
        if tip is None or issue.state != "open":
            raise invalid("PullRequest", "base")
        _check_new(call, pull.head_ref, base)
        before, pull.base_ref, pull.base_sha = pull.base_ref, base, tip
        await tell(call.core, call.repo, issue, "edited", call.by, {"changes": ["base"], "base_before": before})
    await edit_shared(call, issue)
    return Reply(await _full(call, issue, pull))


@handles("GET", "~/pulls/{pull_number}/commits")
async def commits(call: Call) -> Reply:
    _, pull = call.pull()
    page, headers = call.page(await commits_of(call.repo, pull, await start_of(call.repo, pull)))
    shown = [render_commit(call.core, call.repo, await call.repo.git.commit(sha)) for sha in page]
    return Reply([*shown], headers=headers)


@handles("GET", "~/pulls/{pull_number}/files")
async def files(call: Call) -> Reply:
    _, pull = call.pull()
    found = await files_of(call.repo, pull)
    return call.listing(found, lambda file: diff_entry(call.core, call.repo, pull.head_sha, file))


@handles("GET", "~/pulls/{pull_number}/merge")
async def is_merged(call: Call) -> Reply:
    if not call.pull()[1].merged:
        raise not_found()
    return Reply(status=204)


@handles("PUT", "~/pulls/{pull_number}/merge")
async def merge(call: Call) -> Reply:
    body = call.body
    async with call.repo.lock:
        issue, pull = call.pull()
        sha = await merge_pull(
            call.core,
            call.repo,
            issue,
            pull,
            call.by,
            method=body.text("merge_method") or "merge",
            title=body.text("commit_title"),
            message=body.text("commit_message"),
            sha=body.text("sha"),
        )
    return Reply({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


@handles("PUT", "~/pulls/{pull_number}/update-branch")
async def update(call: Call) -> Reply:
    async with call.repo.lock:
        issue, pull = call.pull()
        if issue.state != "open":
            raise ApiError(422, "Pull request is closed")
        await update_branch(call.core, call.repo, pull, call.by, call.body.text("expected_head_sha"))
    return Reply({"message": "Updating pull request branch.", "url": pull_url(call.core, call.repo, issue.number)}, 202)
