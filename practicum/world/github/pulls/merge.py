"""Merging a pull request."""

from __future__ import annotations

from practicum.world.github import refs
from practicum.world.github.closing import close_by_text
from practicum.world.github.core import Cause, Core
from practicum.world.github.errors import ApiError, conflict
from practicum.world.github.git.history import ahead_behind
from practicum.world.github.git.merging import rebase
from practicum.world.github.git.objects import Person
from practicum.world.github.git.process import GitError
from practicum.world.github.pulls.measure import base_tip, commits_of, merged_tree, start_of
from practicum.world.github.pulls.rules import merge_refusal
from practicum.world.github.pulls.sync import settle, tell_merged
from practicum.world.github.state import Account, Issue, Pull, Repository

_ALLOWED = {
    "merge": ("allow_merge_commit", "Merge commits are not allowed on this repository."),
    "squash": ("allow_squash_merge", "Squash merges are not allowed on this repository."),
    "rebase": ("allow_rebase_merge", "Rebase merges are not allowed on this repository."),
}


def signature(core: Core, account: Account) -> Person:
    """An account as author or committer, now."""
    return Person(account.name or account.login, account.email, core.now())


async def merge(
    core: Core,
    repo: Repository,
    issue: Issue,
    pull: Pull,
    by: Cause,
    *,
    method: str = "merge",
    title: str | None = None,
    message: str | None = None,
    sha: str | None = None,
) -> str:
    """Merge and tell everything that follows; returns the new commit of the base branch. The caller holds `repo.lock`.

    The merging account is the committer, and the author of a merge commit; a squash keeps the pull request's author,
    a rebase each commit's.

    Raises:
        ApiError: 405 when it cannot be merged, 409 when `sha` is not its head.
    """
    _check_state(repo, issue, pull, method, sha)
    tip = repo.git.branch(pull.base_ref)
    if tip is None:
        raise ApiError(405, "Base branch does not exist")
    behind = (await ahead_behind(repo.git, tip, pull.head_sha))[1]
    refused = merge_refusal(repo, issue, pull, by.actor, behind=behind > 0)
    if refused is not None:
        raise ApiError(405, refused)
    start = await start_of(repo, pull)
    tree = await merged_tree(repo, pull)
    if tree is None:
        raise ApiError(405, "Pull Request is not mergeable")
    new = await _write(core, repo, issue, pull, by, method, title, message, tip, tree, start)
    try:
        await repo.git.update_ref(f"refs/heads/{pull.base_ref}", new, tip)
    except GitError:
        raise conflict("Base branch was modified. Review and try the merge again.") from None
    pull.merge_base, pull.base_sha, pull.merge_commit_sha = start, tip, new
    settle(core, issue, pull, by)
    await refs.announce(core, repo, f"refs/heads/{pull.base_ref}", tip, new, by, kind="pr_merge")
    await tell_merged(core, repo, issue, pull, by)
    if pull.base_ref == repo.default_branch:
        await close_by_text(core, repo, f"{issue.title}\n{issue.body or ''}", by, new)
    if repo.delete_branch_on_merge and repo.git.branch(pull.head_ref) == pull.head_sha:
        await refs.move(core, repo, f"refs/heads/{pull.head_ref}", None, pull.head_sha, by)
    return new


def _check_state(repo: Repository, issue: Issue, pull: Pull, method: str, sha: str | None) -> None:
    if method not in _ALLOWED:
        raise ApiError(422, f"Invalid request.\n\nmerge_method: {method} is not merge, squash or rebase")
    if issue.state != "open":
        raise ApiError(405, "Pull Request is not mergeable")
    if sha is not None and sha != pull.head_sha:
        raise conflict("Head branch was modified. Review and try the merge again.")
    if pull.draft:
        raise ApiError(405, "Pull Request is still a draft")
    setting, text = _ALLOWED[method]
    if not getattr(repo, setting):
        raise ApiError(405, text)
    rules = repo.protections.get(pull.base_ref)
    if rules is not None and rules.linear_history and method == "merge":
        raise ApiError(405, "Merge commits are not allowed on this branch.")


async def _write(
    core: Core,
    repo: Repository,
    issue: Issue,
    pull: Pull,
    by: Cause,
    method: str,
    title: str | None,
    message: str | None,
    tip: str,
    tree: str,
    start: str,
) -> str:
    committer = signature(core, core.person(by.actor))
    if method == "rebase":
        made = await rebase(repo.git, start, pull.head_sha, tip, committer)
        if made is None:
            raise ApiError(405, "This branch can't be rebased")
        return made[-1] if made else tip
    if method == "squash":
        author = signature(core, core.person(issue.user))
        if message is None:
            commits = [await repo.git.commit(each) for each in await commits_of(repo, pull, start)]
            listed = "\n\n".join(f"* {commit.message.strip()}" for commit in commits)
            message = listed if len(commits) > 1 else commits[0].message.strip().partition("\n")[2].strip()
        text = _join(title or f"{issue.title} (#{issue.number})", message)
        return repo.git.write_commit(tree, [tip], author, committer, text)
    if message is None:
        message = issue.title
    text = _join(title or f"Merge pull request #{issue.number} from {repo.owner}/{pull.head_ref}", message)
    return repo.git.write_commit(tree, [tip, pull.head_sha], committer, committer, text)


def _join(title: str, message: str) -> str:
    return f"{title}\n\n{message}\n" if message else f"{title}\n"


async def update_branch(core: Core, repo: Repository, pull: Pull, by: Cause, expected: str | None) -> None:
    """Merge the base branch into the head branch. The caller holds `repo.lock`.

    Raises:
        ApiError: 422 when `expected` is not the head, nothing is to be done, or they conflict.
    """
    if expected is not None and expected != pull.head_sha:
        raise ApiError(422, "expected head sha didn’t match current head ref.")
    tip = base_tip(repo, pull)
    if (await ahead_behind(repo.git, tip, pull.head_sha))[1] == 0:
        raise ApiError(422, "There are no new commits on the base branch.")
    tree = await merged_tree(repo, pull)
    if tree is None:
        raise ApiError(422, "merge conflict between base and head")
    person = signature(core, core.person(by.actor))
    text = f"Merge branch '{pull.base_ref}' into {pull.head_ref}\n"
    new = repo.git.write_commit(tree, [pull.head_sha, tip], person, person, text)
    await refs.move(core, repo, f"refs/heads/{pull.head_ref}", new, pull.head_sha, by)
