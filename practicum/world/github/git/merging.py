"""Merges without a work tree, with `git merge-tree --write-tree` (git 2.38 or newer)."""

from __future__ import annotations

from practicum.world.github.git.history import rev_list
from practicum.world.github.git.objects import Person
from practicum.world.github.git.process import run_git
from practicum.world.github.git.repository import Git


async def merge_tree(git: Git, ours: str, theirs: str) -> str | None:
    """The tree of the merge of two commits; None when they conflict or have no common ancestor."""
    out = await run_git(git.path, "merge-tree", "--write-tree", "--no-messages", ours, theirs, ok=(0, 1, 128))
    lines = out.decode(errors="replace").splitlines()
    return lines[0] if len(lines) == 1 else None


async def rebase(git: Git, base: str, head: str, onto: str, committer: Person) -> list[str] | None:
    """Replay the commits of `base..head` on `onto`, keeping authors; the new commits, oldest first; None on conflict.

    `merge-tree` finds the merge base itself, so each step is played on three throw-away commits that share the parent's
    tree as theirs: that is what makes a three-way merge a cherry-pick.
    """
    made = []
    top = onto
    for sha in await rev_list(git, [head], [base], options=("--reverse", "--topo-order", "--no-merges")):
        commit = await git.commit(sha)
        parent_tree = (await git.commit(commit.parents[0])).tree
        root = git.write_commit(parent_tree, [], committer, committer, "base")
        ours = git.write_commit((await git.commit(top)).tree, [root], committer, committer, "ours")
        theirs = git.write_commit(commit.tree, [root], committer, committer, "theirs")
        tree = await merge_tree(git, ours, theirs)
        if tree is None:
            return None
        top = git.write_commit(tree, [top], commit.author, committer, commit.message)
        made.append(top)
    return made
