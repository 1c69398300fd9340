"""Commits and comparisons."""

from __future__ import annotations

import asyncio

from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import ApiError, not_found
from practicum.world.github.git.diff import EMPTY_TREE, changes, diff_text, mail_patches
from practicum.world.github.git.history import ahead_behind, is_ancestor, merge_base, rev_list
from practicum.world.github.git.objects import Commit
from practicum.world.github.render.commits import account_of, commit, diff_entry
from practicum.world.github.render.pulls import pull_simple
from practicum.world.github.render.repositories import api_url, html_url


async def need_commit(call: Call, name: str) -> Commit:
    """The commit that a branch, tag or hash names.

    Raises:
        ApiError: 422, as GitHub says it.
    """
    sha = await call.repo.git.resolve(name)
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {name}")
    return await call.repo.git.commit(sha)


@handles("GET", "~/commits")
async def commits(call: Call) -> Reply:
    repo, git = call.repo, call.repo.git
    if not git.branches():
        raise ApiError(409, "Git Repository is empty.")
    start = await git.resolve(call.query("sha") or repo.default_branch)
    if start is None:
        raise not_found()
    options = [f"--{option}={call.query(name)}" for name, option in (("since", "since"), ("until", "until"))]
    options = [option for option in options if not option.endswith("=")]
    found = await rev_list(git, [start], path=call.query("path"), options=options)
    author, committer = call.query("author"), call.query("committer")
    if author or committer:
        kept = []
        for sha in found:
            each = await git.commit(sha)
            people = ((author, each.author), (committer, each.committer))
            if all(
                not wanted or wanted in (person.email, getattr(account_of(call.core, person), "login", None))
                for wanted, person in people
            ):
                kept.append(sha)
        found = kept
    page, headers = call.page(found)
    return Reply([commit(call.core, repo, await git.commit(sha)) for sha in page], headers=headers)


@handles("GET", "~/commits/{ref}")
async def get_commit(call: Call) -> Reply:
    found = await need_commit(call, call.arg("ref"))
    before = found.parents[0] if found.parents else EMPTY_TREE
    accept = call.request.headers.get("Accept", "")
    if "diff" in accept:
        content = await diff_text(call.repo.git, before, found.sha)
        return Reply(content=content, content_type="application/vnd.github.diff; charset=utf-8")
    if "patch" in accept and found.parents:
        content = await mail_patches(call.repo.git, before, found.sha)
        return Reply(content=content, content_type="application/vnd.github.patch; charset=utf-8")
    if "sha" in accept:
        return Reply(content=found.sha.encode(), content_type="application/vnd.github.sha; charset=utf-8")
    return Reply(commit(call.core, call.repo, found, await changes(call.repo.git, before, found.sha)))


@handles("GET", "~/commits/{commit_sha}/pulls")
async def pulls_of_commit(call: Call) -> Reply:
    found = await need_commit(call, call.arg("commit_sha"))
    out = []
    for issue in call.repo.issues.values():
        if issue.pull is None:
            continue
        if found.sha in (issue.pull.merge_commit_sha, issue.pull.head_sha) or (
            await is_ancestor(call.repo.git, found.sha, issue.pull.head_sha)
            and not await is_ancestor(call.repo.git, found.sha, issue.pull.merge_base or issue.pull.base_sha)
        ):
            out.append((issue, issue.pull))
    return call.listing(out, lambda pair: pull_simple(call.core, call.repo, *pair))


@handles("GET", "~/compare/{basehead}")
async def compare(call: Call) -> Reply:
    repo, git = call.repo, call.repo.git
    base_name, _, head_name = call.arg("basehead").partition("...")
    if not head_name:
        raise not_found()
    base_sha = await git.resolve(base_name.rpartition(":")[2])
    head = await git.resolve(head_name.rpartition(":")[2])
    if base_sha is None or head is None:
        raise not_found()
    start = await merge_base(git, base_sha, head)
    if start is None:
        raise ApiError(404, "No common ancestor between the two commits.")
    accept = call.request.headers.get("Accept", "")
    if "diff" in accept:
        content = await diff_text(git, start, head)
        return Reply(content=content, content_type="application/vnd.github.diff; charset=utf-8")
    if "patch" in accept:
        content = await mail_patches(git, start, head)
        return Reply(content=content, content_type="application/vnd.github.patch; charset=utf-8")
    (ahead, behind), listed, files = await asyncio.gather(
        ahead_behind(git, base_sha, head),
        rev_list(git, [head], [base_sha], options=("--reverse", "--topo-order")),
        changes(git, start, head),
    )
    page, headers = call.page(listed)
    status = "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"
    api, html = api_url(call.core, repo), html_url(call.core, repo)
    url, place = f"{html}/compare/{call.arg('basehead')}", f"{api}/compare/{call.arg('basehead')}"
    return Reply(
        {
            "url": place,
            "html_url": url,
            "permalink_url": f"{html}/compare/{repo.owner}:{base_sha[:7]}...{repo.owner}:{head[:7]}",
            "diff_url": f"{url}.diff",
            "patch_url": f"{url}.patch",
            "base_commit": commit(call.core, repo, await git.commit(base_sha)),
            "merge_base_commit": commit(call.core, repo, await git.commit(start)),
            "status": status,
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "commits": [commit(call.core, repo, await git.commit(sha)) for sha in page],
            "files": [diff_entry(call.core, repo, head, file) for file in files[:300]],
        },
        headers=headers,
    )
