"""Making repositories: from nothing, from files, or from a repository on this machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from practicum.world.github import refs
from practicum.world.github.core import Cause, Core
from practicum.world.github.errors import invalid
from practicum.world.github.git.objects import ZERO, Person
from practicum.world.github.git.repository import Git
from practicum.world.github.state import Account, Label, Repository

_NAME = re.compile(r"^[A-Za-z0-9._-]{1,100}$")

DEFAULT_LABELS = (
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("duplicate", "cfd3d7", "This issue or pull request already exists"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
)
"""What GitHub gives every new repository."""


def check_name(core: Core, owner: str, name: str) -> None:
    """Refuse a name that cannot be, or is taken.

    Raises:
        ApiError: 422.
    """
    if not _NAME.match(name) or name in (".", "..") or name.endswith(".git"):
        raise invalid("Repository", "name", "custom", "name is not a valid repository name")
    if core.store.repository(f"{owner}/{name}") is not None:
        raise invalid("Repository", "name", "custom", "name already exists on this account")


async def make_repository(
    core: Core,
    owner: Account,
    name: str,
    by: Cause,
    *,
    private: bool = False,
    description: str | None = None,
    default_branch: str = "main",
    source: Path | None = None,
) -> Repository:
    """Make a repository without commits, or with those of `source`, and tell it.

    Raises:
        ApiError: 422 for a bad or taken name.
        GitError: `source` is not a repository.
    """
    check_name(core, owner.login, name)
    now = core.now()
    id_ = core.next_id()
    # The folder keeps its name when the repository is renamed or another one later takes its name.
    path = core.root / owner.login / f"{name}-{id_}.git"
    git = await Git.import_from(path, source) if source else await Git.create(path, default_branch)
    repo = Repository(id_, owner.login, name, git, now, now, private, description, default_branch=default_branch)
    for label, color, text in DEFAULT_LABELS:
        repo.labels[label] = Label(core.next_id(), label, color, text, default=True)
    if owner.login != by.actor and core.store.account(by.actor) is not None:
        repo.collaborators[by.actor] = "admin"
    core.store.repositories[repo.full_name.lower()] = repo
    await core.changed(
        "repository.created",
        repo,
        by,
        {
            "name": name,
            "owner": owner.login,
            "private": private,
            "default_branch": default_branch,
            "clone_url": f"{core.html}/{repo.full_name}.git",
        },
    )
    if source is not None:
        await _announce_all(core, repo, by)
    return repo


async def _announce_all(core: Core, repo: Repository, by: Cause) -> None:
    """Tell the refs of an imported repository one by one, so that it can be rebuilt from their packs."""
    stored, repo.git.refs = repo.git.refs, {}
    first = f"refs/heads/{repo.default_branch}"
    async with repo.lock:
        for ref in sorted(stored, key=lambda each: (each != first, each)):
            await refs.announce(core, repo, ref, ZERO, stored[ref], by)


async def commit_files(
    core: Core, repo: Repository, files: Mapping[str, bytes], message: str, author: Person, by: Cause
) -> str:
    """Commit files to the default branch and tell it; files beginning with `#!` become executable."""
    branch = f"refs/heads/{repo.default_branch}"
    async with repo.lock:
        tip = repo.git.refs.get(branch)
        tree = (await repo.git.commit(tip)).tree if tip else None
        for path, content in files.items():
            mode = "100755" if content.startswith(b"#!") else "100644"
            tree = await repo.git.replace_entry(tree, path, (mode, repo.git.write("blob", content)))
        new = repo.git.write_commit(tree or repo.git.write("tree", b""), [tip] if tip else [], author, author, message)
        await refs.move(core, repo, branch, new, tip, by)
    return new
