"""Names for a tree of files: git's own, so that a deployment can be compared to a commit, and a plain SHA-256."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TreeNames:
    """What a directory's contents are called."""

    tree: str
    """SHA-1 of git's tree object; equal to `git rev-parse COMMIT^{tree}` for the files of that commit."""
    digest: str
    """SHA-256 over git's listing, independent of SHA-1's weaknesses: `mode SP path NUL sha256(content)` a file."""
    files: int
    size: int
    """Bytes of all files together."""


def name_tree(root: Path) -> TreeNames:
    """Hash a directory as git would, leaving `.git` and empty directories out.

    Source: git's object format (gitformat-tree; "Git Internals - Git Objects" in Pro Git). A file is executable when
    its owner may execute it.
    """
    walker = _Walker()
    tree, _ = walker.directory(root, "")
    return TreeNames(tree.hex(), walker.digest.hexdigest(), walker.files, walker.size)


class _Walker:
    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.files = 0
        self.size = 0

    def directory(self, place: Path, prefix: str) -> tuple[bytes, bool]:
        """The tree object's hash, and whether it holds anything."""
        rows: list[tuple[bytes, bytes, bytes]] = []
        # Git sorts as if each directory's name ended with a slash.
        entries = sorted(os.scandir(place), key=lambda e: os.fsencode(e.name) + (b"/" if _is_folder(e) else b""))
        for entry in entries:
            name = os.fsencode(entry.name)
            if name == b".git":
                continue
            if _is_folder(entry):
                inner, filled = self.directory(Path(entry.path), f"{prefix}{entry.name}/")
                if filled:
                    rows.append((b"40000", name, inner))
                continue
            mode, content = _content(entry)
            rows.append((mode, name, hashlib.sha1(b"blob %d\0" % len(content) + content).digest()))
            self.files += 1
            self.size += len(content)
            path = os.fsencode(prefix + entry.name)
            self.digest.update(mode + b" " + path + b"\0" + hashlib.sha256(content).digest())
        body = b"".join(mode + b" " + name + b"\0" + digest for mode, name, digest in rows)
        return hashlib.sha1(b"tree %d\0" % len(body) + body).digest(), bool(rows)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _content(entry: os.DirEntry[str]) -> tuple[bytes, bytes]:
    if entry.is_symlink():
        return b"120000", os.fsencode(Path(entry.path).readlink())
    mode = entry.stat(follow_symlinks=False).st_mode
    return (b"100755" if mode & stat.S_IXUSR else b"100644"), Path(entry.path).read_bytes()
