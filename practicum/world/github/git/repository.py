"""One bare repository: its refs, its objects, and writing both."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from pathlib import Path

from practicum.world.github.git.catfile import CatFile, RawObject
from practicum.world.github.git.hooks import install_hooks
from practicum.world.github.git.objects import (
    SHA,
    ZERO,
    Commit,
    Person,
    TreeEntry,
    format_commit,
    format_tree,
    parse_commit,
    parse_tree,
    write_object,
)
from practicum.world.github.git.process import run_git

_CACHED = 2048
"""Objects kept in memory for each repository; they never change, so they never go stale."""
_LARGEST = 65536
"""Bytes of the largest object that is kept."""


class Git:
    """A bare repository. `refs` is what has been announced; only `update_ref` and the push handler change it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.refs: dict[str, str] = {}
        """Full ref name to object, `refs/pull/N/head` too."""
        self._cat = CatFile(path)
        self._cache: OrderedDict[str, RawObject] = OrderedDict()

    @classmethod
    async def create(cls, path: Path, default_branch: str) -> Git:
        """Make an empty bare repository."""
        path.mkdir(parents=True)
        await run_git(path, "init", "-q", "--bare", "--template=", f"--initial-branch={default_branch}", ".")
        await cls._configure(path)
        return cls(path)

    @classmethod
    async def import_from(cls, path: Path, source: Path) -> Git:
        """Take over branches and tags of another repository on this machine.

        Raises:
            GitError: when `source` is not a repository.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        await run_git(
            path.parent, "clone", "-q", "--bare", "--no-hardlinks", "--template=", "--", str(source), path.name
        )
        await run_git(path, "remote", "remove", "origin")
        await cls._configure(path)
        git = cls(path)
        git.refs = {
            ref: sha for ref, sha in (await git.stored_refs()).items() if ref.startswith(("refs/heads/", "refs/tags/"))
        }
        return git

    @staticmethod
    async def _configure(path: Path) -> None:
        settings = (
            "[http]\n\treceivepack = true\n[receive]\n\thideRefs = refs/pull\n\tadvertiseAtomic = true\n"
            "[uploadpack]\n\tallowFilter = true\n\tallowReachableSHA1InWant = true\n"
            "[gc]\n\tauto = 0\n[core]\n\tlogAllRefUpdates = false\n"
        )
        with (path / "config").open("a") as config:
            config.write(settings)
        install_hooks(path)

    async def stored_refs(self) -> dict[str, str]:
        """Every ref as it stands on disk."""
        out = await run_git(self.path, "for-each-ref", "--format=%(refname) %(objectname)")
        return dict(line.split(" ", 1) for line in out.decode().splitlines())

    def branch(self, name: str) -> str | None:
        """The commit of a branch."""
        return self.refs.get(f"refs/heads/{name}")

    def branches(self) -> dict[str, str]:
        """Branch to commit, by name."""
        return self._under("refs/heads/")

    def tags(self) -> dict[str, str]:
        """Tag to object, by name."""
        return self._under("refs/tags/")

    def _under(self, prefix: str) -> dict[str, str]:
        return {ref[len(prefix) :]: sha for ref, sha in sorted(self.refs.items()) if ref.startswith(prefix)}

    async def read(self, revision: str) -> RawObject | None:
        """The object behind a revision; None when there is none."""
        known = self._cache.get(revision)
        if known is not None:
            self._cache.move_to_end(revision)
            return known
        found = await self._cat.read(revision)
        if found is not None and len(found.data) <= _LARGEST:
            self._cache[found.sha] = found
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return found

    async def resolve(self, name: str) -> str | None:
        """The commit that a branch, tag, full or shortened hash names; None when there is none."""
        for ref in (name, f"refs/heads/{name}", f"refs/tags/{name}", f"refs/{name}"):
            if ref in self.refs:
                name = self.refs[ref]
                break
        if not SHA.match(name) and not (7 <= len(name) < 40 and all(c in "0123456789abcdef" for c in name)):
            return None
        found = await self.read(name)
        while found is not None and found.kind == "tag":
            found = await self.read(found.data.split(b"\n", 1)[0].decode().removeprefix("object "))
        return found.sha if found is not None and found.kind == "commit" else None

    async def commit(self, sha: str) -> Commit:
        """The commit named by a full hash.

        Raises:
            KeyError: when it is not a commit here.
        """
        found = await self.read(sha)
        if found is None or found.kind != "commit":
            raise KeyError(sha)
        return parse_commit(found.sha, found.data)

    async def tree(self, revision: str) -> list[TreeEntry] | None:
        """The entries of a tree, or of a commit's tree."""
        found = await self.read(revision)
        if found is not None and found.kind == "commit":
            found = await self.read(parse_commit(found.sha, found.data).tree)
        return parse_tree(found.data) if found is not None and found.kind == "tree" else None

    def write(self, kind: str, data: bytes) -> str:
        """Store an object and return its name."""
        return write_object(self.path, kind, data)

    def write_commit(self, tree: str, parents: list[str], author: Person, committer: Person, message: str) -> str:
        """Store a commit and return its name."""
        return self.write("commit", format_commit(tree, parents, author, committer, message))

    async def replace_entry(self, tree: str | None, path: str, entry: tuple[str, str] | None) -> str:
        """A new tree with `path` set to (mode, sha), or removed where `entry` is None; empty directories vanish."""
        head, _, rest = path.partition("/")
        entries = {} if tree is None else {each.name: each for each in await self.tree(tree) or []}
        if not rest:
            entries.pop(head, None)
            if entry is not None:
                entries[head] = TreeEntry(entry[0], head, entry[1])
        else:
            inner = entries.get(head)
            changed = await self.replace_entry(inner.sha if inner and inner.kind == "tree" else None, rest, entry)
            entries.pop(head, None)
            if await self.tree(changed):
                entries[head] = TreeEntry("040000", head, changed)
        return self.write("tree", format_tree(list(entries.values())))

    async def update_ref(self, ref: str, new: str | None, old: str | None = None) -> None:
        """Set a ref on disk, or delete it where `new` is None; `old` must then be what it was.

        Raises:
            GitError: when the ref is not what `old` says (`ZERO` for absent), or its name is not one.
        """
        if new is None:
            await run_git(self.path, "update-ref", "-d", ref, *([old] if old else []))
        else:
            await run_git(self.path, "update-ref", ref, new, *([old] if old is not None else []))

    async def set_head(self, branch: str) -> None:
        """Make a branch the one that a clone checks out."""
        await run_git(self.path, "symbolic-ref", "HEAD", f"refs/heads/{branch}")

    async def remove(self) -> None:
        """Delete the repository from disk."""
        await self.close()
        shutil.rmtree(self.path)

    async def close(self) -> None:
        """End the reading process."""
        await self._cat.close()


__all__ = ["ZERO", "Git"]
