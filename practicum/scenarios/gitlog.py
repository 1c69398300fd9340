"""Reading a mirror's history."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from practicum.scenarios.git import ask_git

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""A whole id of an object; git takes it for one before it looks for a ref of that name."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_TESTS = ("test", "tests", "spec", "specs")


@dataclass(frozen=True)
class Commit:
    """One commit."""

    sha: str
    parents: tuple[str, ...]
    author: str
    email: str
    subject: str
    files: tuple[str, ...]

    def touches(self, part: str) -> bool:
        """Whether a changed path contains `part`."""
        return any(part in name for name in self.files)

    def tests(self) -> list[str]:
        """Those of its files that are tests, by their names."""
        return [name for name in self.files if is_test(name)]


def is_test(path: str) -> bool:
    """Whether a file is a test, by a word of its path: `tests/util.py`, `test_a.py`, `a.spec.ts`, `FooTest.java`."""
    return any(word.lower() in _TESTS for word in _WORD.findall(path))


async def history(repository: Path, ref: str, *, exclude: str = "", path: str = "") -> list[Commit]:
    """The commits of a ref, newest first; without those of `exclude`; only those that touch `path` where it is given.

    An unknown ref has none.
    """
    start = await commit_of(repository, ref)
    if start is None:
        return []
    # What separates the fields is drawn anew each time: an author's name or a subject may hold any other character,
    # and a commit that could forge a separator could invent commits.
    block, cut = secrets.token_hex(12), secrets.token_hex(12)
    arguments = [
        "-c",
        "core.quotePath=false",
        "log",
        f"--format={block}{cut.join(('%H', '%P', '%an', '%ae', '%s'))}",
        "--name-only",
        start,
    ]
    if exclude:
        arguments.append(f"^{exclude}")
    arguments += ["--", path] if path else ["--"]
    answer = await ask_git(*arguments, cwd=repository)
    if answer.code:
        return []
    found = []
    for part in answer.output.split(block)[1:]:
        head, _, names = part.partition("\n")
        sha, parents, author, email, subject = head.split(cut)
        files = tuple(name for name in names.split("\n") if name)
        found.append(Commit(sha, tuple(parents.split()), author, email, subject, files))
    return found


async def commit_of(repository: Path, ref: str) -> str | None:
    """The id of the commit that a branch, else a tag, else anything else of that name is; None where there is none.

    git by itself takes the tag: who pushes a tag `main` would have that looked at in place of a protected branch.
    Source: gitrevisions(7), "<refname>".
    """
    names = (ref,) if _ID.fullmatch(ref) else (f"refs/heads/{ref}", f"refs/tags/{ref}", ref)
    for name in names:
        answer = await ask_git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", cwd=repository)
        if answer.code == 0:
            return answer.output.strip()
    return None


async def show_file(repository: Path, ref: str, path: str) -> str | None:
    """A file's text at a ref; None where it is not."""
    commit = await commit_of(repository, ref)
    if commit is None:
        return None
    answer = await ask_git("show", f"{commit}:{path}", cwd=repository)
    return answer.output if answer.code == 0 else None


async def tree_of(repository: Path, ref: str) -> str | None:
    """The id of a commit's tree; None where there is no such ref."""
    answer = await ask_git("rev-parse", "--verify", "--quiet", f"{ref}^{{tree}}", cwd=repository)
    return answer.output.strip() if answer.code == 0 else None
