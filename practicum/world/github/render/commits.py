"""Commits, files of a difference, and the objects of the git database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from urllib.parse import quote

from practicum.world.github.core import Core
from practicum.world.github.git.diff import FileChange
from practicum.world.github.git.objects import Commit, Person, Tag
from practicum.world.github.render.basics import Object, node_id, simple_user, stamp
from practicum.world.github.render.repositories import api_url, html_url
from practicum.world.github.state import Account, Repository

VERIFICATION: Mapping[str, bool | str | None] = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}
"""Nothing here is signed."""


def person(given: Person) -> Object:
    """Name, address and moment of an author or committer."""
    return {"name": given.name, "email": given.email, "date": stamp(given.when.astimezone(UTC))}


def account_of(core: Core, given: Person) -> Account | None:
    """Whose account an address belongs to: that is how GitHub guesses, and why an author proves nothing."""
    for account in core.store.accounts.values():
        if account.email and account.email.lower() == given.email.lower():
            return account
    return None


def _parents(core: Core, repo: Repository, commit: Commit, base: str) -> list[Object]:
    html = html_url(core, repo)
    return [{"sha": sha, "url": f"{base}/{sha}", "html_url": f"{html}/commit/{sha}"} for sha in commit.parents]


def commit(core: Core, repo: Repository, given: Commit, files: Sequence[FileChange] | None = None) -> Object:
    """The schema `commit`; with `files`, also its difference."""
    api, html = api_url(core, repo), html_url(core, repo)
    author, committer = account_of(core, given.author), account_of(core, given.committer)
    found: Object = {
        "sha": given.sha,
        "node_id": node_id("Commit", given.sha),
        "commit": {
            "author": person(given.author),
            "committer": person(given.committer),
            "message": given.message.rstrip("\n"),
            "tree": {"sha": given.tree, "url": f"{api}/git/trees/{given.tree}"},
            "url": f"{api}/git/commits/{given.sha}",
            "comment_count": 0,
            "verification": dict(VERIFICATION),
        },
        "url": f"{api}/commits/{given.sha}",
        "html_url": f"{html}/commit/{given.sha}",
        "comments_url": f"{api}/commits/{given.sha}/comments",
        "author": None if author is None else simple_user(core, author),
        "committer": None if committer is None else simple_user(core, committer),
        "parents": [*_parents(core, repo, given, f"{api}/commits")],
    }
    if files is not None:
        added, deleted = sum(f.additions for f in files), sum(f.deletions for f in files)
        found["stats"] = {"total": added + deleted, "additions": added, "deletions": deleted}
        found["files"] = [diff_entry(core, repo, given.sha, file) for file in files]
    return found


def git_commit(core: Core, repo: Repository, given: Commit) -> Object:
    """The schema `git-commit`."""
    api, html = api_url(core, repo), html_url(core, repo)
    return {
        "sha": given.sha,
        "node_id": node_id("Commit", given.sha),
        "url": f"{api}/git/commits/{given.sha}",
        "html_url": f"{html}/commit/{given.sha}",
        "author": person(given.author),
        "committer": person(given.committer),
        "tree": {"sha": given.tree, "url": f"{api}/git/trees/{given.tree}"},
        "message": given.message.rstrip("\n"),
        "parents": [*_parents(core, repo, given, f"{api}/git/commits")],
        "verification": dict(VERIFICATION),
    }


def diff_entry(core: Core, repo: Repository, sha: str, file: FileChange) -> Object:
    """The schema `diff-entry`."""
    api, html, path = api_url(core, repo), html_url(core, repo), quote(file.filename)
    found: Object = {
        "sha": file.sha,
        "filename": file.filename,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": f"{html}/blob/{sha}/{path}",
        "raw_url": f"{html}/raw/{sha}/{path}",
        "contents_url": f"{api}/contents/{path}?ref={sha}",
    }
    if file.patch is not None:
        found["patch"] = file.patch
    if file.previous is not None:
        found["previous_filename"] = file.previous
    return found


def simple_commit(given: Commit) -> Object:
    """The schema `simple-commit`, as check suites and workflow runs carry it."""
    return {
        "id": given.sha,
        "tree_id": given.tree,
        "message": given.message.rstrip("\n"),
        "timestamp": str(person(given.committer)["date"]),
        "author": {"name": given.author.name, "email": given.author.email},
        "committer": {"name": given.committer.name, "email": given.committer.email},
    }


def ref(core: Core, repo: Repository, name: str, sha: str, kind: str) -> Object:
    """The schema `git-ref`; `kind` is that of the object."""
    api = api_url(core, repo)
    return {
        "ref": name,
        "node_id": node_id("Ref", f"{repo.id}:{name}"),
        "url": f"{api}/git/{quote(name)}",
        "object": {"sha": sha, "type": kind, "url": f"{api}/git/{kind}s/{sha}"},
    }


def tag_object(core: Core, repo: Repository, given: Tag) -> Object:
    """The schema `git-tag`."""
    api = api_url(core, repo)
    return {
        "node_id": node_id("Tag", given.sha),
        "sha": given.sha,
        "url": f"{api}/git/tags/{given.sha}",
        "tag": given.name,
        "message": given.message.rstrip("\n"),
        "tagger": person(given.tagger),
        "object": {
            "type": given.target_kind,
            "sha": given.target,
            "url": f"{api}/git/{given.target_kind}s/{given.target}",
        },
        "verification": dict(VERIFICATION),
    }
