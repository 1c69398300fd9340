"""A pull request's difference: from where, how large, and whether it merges cleanly."""

from __future__ import annotations

from practicum.world.github.git.diff import EMPTY_TREE, FileChange, changes, shortstat
from practicum.world.github.git.history import merge_base, rev_list
from practicum.world.github.git.merging import merge_tree
from practicum.world.github.state import Pull, Repository
from practicum.world.github.state.pull import DiffSize


def base_tip(repo: Repository, pull: Pull) -> str:
    """The base branch's commit now; the remembered one when the branch is gone."""
    return repo.git.branch(pull.base_ref) or pull.base_sha


async def start_of(repo: Repository, pull: Pull) -> str:
    """The commit that the difference is counted from: the merge base, as in `base...head`."""
    if pull.merge_base is not None:
        return pull.merge_base
    return await merge_base(repo.git, base_tip(repo, pull), pull.head_sha) or EMPTY_TREE


async def size_of(repo: Repository, pull: Pull) -> DiffSize:
    """Commits, lines and files of the difference; remembered until a branch moves."""
    key = (pull.merge_base or base_tip(repo, pull), pull.head_sha)
    found = pull.sizes.get(key)
    if found is None:
        start = await start_of(repo, pull)
        added, deleted, files = await shortstat(repo.git, start, pull.head_sha)
        found = DiffSize(len(await commits_of(repo, pull, start)), added, deleted, files)
        pull.sizes.clear()
        pull.sizes[key] = found
    return found


async def commits_of(repo: Repository, pull: Pull, start: str) -> list[str]:
    """The commits of a pull request, oldest first."""
    exclude = [] if start == EMPTY_TREE else [start]
    return await rev_list(repo.git, [pull.head_sha], exclude, options=("--reverse", "--topo-order"))


async def files_of(repo: Repository, pull: Pull) -> list[FileChange]:
    """The files that a pull request changes."""
    return await changes(repo.git, await start_of(repo, pull), pull.head_sha)


async def merged_tree(repo: Repository, pull: Pull) -> str | None:
    """The tree that merging would give now; None for a conflict. Remembered until a branch moves."""
    key = (base_tip(repo, pull), pull.head_sha)
    if key not in pull.merges:
        tree = await merge_tree(repo.git, *key)
        pull.merges.clear()
        pull.merges[key] = tree
    return pull.merges[key]
