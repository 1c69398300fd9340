"""Git's objects: their form, and writing one as a loose file.

Format: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects . Writing a loose object here instead of through
`git hash-object` saves a process for each one.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

ZERO = "0" * 40
"""Stands for a ref that does not exist."""
SHA = re.compile(r"^[0-9a-f]{40}$")


@dataclass(frozen=True)
class Person:
    """Author, committer or tagger. `when` keeps the offset that was recorded."""

    name: str
    email: str
    when: datetime

    def line(self) -> str:
        """As it stands in an object: `Name <mail> SECONDS +ZONE`."""
        clean = re.sub(r"[<>\n\0]", "", self.name).strip() or "unknown"
        mail = re.sub(r"[<>\n\0 ]", "", self.email)
        offset = self.when.utcoffset() or timedelta()
        minutes = int(offset.total_seconds() // 60)
        sign = "-" if minutes < 0 else "+"
        zone = f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
        return f"{clean} <{mail}> {int(self.when.timestamp())} {zone}"


@dataclass(frozen=True)
class Commit:
    """A commit object."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass(frozen=True)
class Tag:
    """An annotated tag object."""

    sha: str
    target: str
    target_kind: str
    name: str
    tagger: Person
    message: str


@dataclass(frozen=True)
class TreeEntry:
    """One line of a tree."""

    mode: str
    """Six digits: 100644 file, 100755 executable, 040000 directory, 160000 submodule, 120000 symlink."""
    name: str
    sha: str

    @property
    def kind(self) -> str:
        return {"040000": "tree", "160000": "commit"}.get(self.mode, "blob")


_PERSON = re.compile(r"^(.*?) ?<([^>]*)> (-?\d+) ([+-])(\d\d)(\d\d)$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_person(line: str) -> Person:
    """Read what `Person.line` wrote; a malformed line gives an unknown person at the epoch."""
    match = _PERSON.match(line)
    if match is None:
        return Person(line, "", _EPOCH)
    name, email, seconds, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    when = (_EPOCH + timedelta(seconds=int(seconds))).astimezone(timezone(offset) if offset else UTC)
    return Person(name, email, when)


def _headers(data: bytes) -> tuple[list[tuple[str, str]], str]:
    head, _, message = data.decode(errors="replace").partition("\n\n")
    return [(key, value) for key, _, value in (line.partition(" ") for line in head.split("\n")) if key], message


def parse_commit(sha: str, data: bytes) -> Commit:
    """Read a commit object."""
    headers, message = _headers(data)
    first = dict(reversed(headers))
    return Commit(
        sha,
        first["tree"],
        tuple(value for key, value in headers if key == "parent"),
        parse_person(first["author"]),
        parse_person(first["committer"]),
        message,
    )


def parse_tag(sha: str, data: bytes) -> Tag:
    """Read an annotated tag."""
    headers, message = _headers(data)
    first = dict(reversed(headers))
    return Tag(sha, first["object"], first["type"], first["tag"], parse_person(first.get("tagger", "")), message)


def parse_tree(data: bytes) -> list[TreeEntry]:
    """Read a tree object."""
    out, at = [], 0
    while at < len(data):
        space = data.index(b" ", at)
        null = data.index(b"\0", space)
        mode = data[at:space].decode().rjust(6, "0")
        out.append(TreeEntry(mode, data[space + 1 : null].decode(errors="replace"), data[null + 1 : null + 21].hex()))
        at = null + 21
    return out


def format_tree(entries: list[TreeEntry]) -> bytes:
    """Write a tree object; directories sort as if their name ended in a slash."""
    ordered = sorted(entries, key=lambda e: e.name.encode() + (b"/" if e.kind == "tree" else b""))
    return b"".join(f"{e.mode.lstrip('0')} {e.name}".encode() + b"\0" + bytes.fromhex(e.sha) for e in ordered)


def format_commit(tree: str, parents: list[str], author: Person, committer: Person, message: str) -> bytes:
    """Write a commit object."""
    lines = [
        f"tree {tree}",
        *(f"parent {parent}" for parent in parents),
        f"author {author.line()}",
        f"committer {committer.line()}",
    ]
    return ("\n".join(lines) + "\n\n" + message).encode()


def format_tag(target: str, kind: str, name: str, tagger: Person, message: str) -> bytes:
    """Write an annotated tag object."""
    return f"object {target}\ntype {kind}\ntag {name}\ntagger {tagger.line()}\n\n{message}".encode()


def write_object(repository: Path, kind: str, data: bytes) -> str:
    """Store an object as a loose file (written aside, then renamed) and return its name."""
    raw = f"{kind} {len(data)}".encode() + b"\0" + data
    sha = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
    place = repository / "objects" / sha[:2] / sha[2:]
    if not place.exists():
        place.parent.mkdir(exist_ok=True)
        aside = place.parent / f"tmp_obj_{secrets.token_hex(6)}"
        aside.write_bytes(zlib.compress(raw, 1))
        aside.chmod(0o444)
        aside.replace(place)
    return sha
