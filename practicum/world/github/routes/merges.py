"""Merging one branch into another without a pull request."""

from __future__ import annotations

from practicum.world.github import refs
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import ApiError, conflict
from practicum.world.github.git.history import is_ancestor
from practicum.world.github.git.merging import merge_tree
from practicum.world.github.git.process import GitError
from practicum.world.github.pulls.merge import signature
from practicum.world.github.pulls.rules import push_refusal
from practicum.world.github.render.commits import commit


@handles("POST", "~/merges")
async def merge(call: Call) -> Reply:
    repo, git = call.repo, call.repo.git
    base, head = call.body.need("base", "Merge"), call.body.need("head", "Merge")
    async with repo.lock:
        ours, theirs = git.branch(base), await git.resolve(head)
        if ours is None:
            raise ApiError(404, "Base does not exist")
        if theirs is None:
            raise ApiError(404, "Head does not exist")
        if await is_ancestor(git, theirs, ours):
            return Reply(status=204)
        refused = push_refusal(repo, base, "", call.login)
        if refused is not None:
            raise conflict(f"Repository rule violations found\n\n{refused}")
        tree = await merge_tree(git, ours, theirs)
        if tree is None:
            raise conflict("Merge conflict")
        person = signature(call.core, call.account)
        text = call.body.text("commit_message") or f"Merge {head} into {base}"
        new = git.write_commit(tree, [ours, theirs], person, person, text)
        try:
            await refs.move(call.core, repo, f"refs/heads/{base}", new, ours, call.by)
        except GitError:
            raise conflict("Base branch was modified") from None
    return Reply(commit(call.core, repo, await git.commit(new)), 201)
