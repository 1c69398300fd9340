"""git over smart HTTP (git-scm.com/docs/http-protocol): which repository, read or write, and what a push does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from practicum.errors import PracticumError
from practicum.proctor.access import Access
from practicum.proctor.gateway.routes.table import Match, Parts, Route, Table

ROUTES: tuple[Route, ...] = (
    Route("GET", "/{owner}/{repo}/info/refs?service=git-upload-pack", "contents", "read"),
    Route("GET", "/{owner}/{repo}/info/refs?service=git-receive-pack", "contents", "write"),
    Route("POST", "/{owner}/{repo}/git-upload-pack", "contents", "read"),
    Route("POST", "/{owner}/{repo}/git-receive-pack", "contents", "write", act="push"),
)
TABLE = Table("github", ROUTES)

ZERO = "0" * 40
_MAXIMUM_COMMANDS = 1000


class MalformedPushError(PracticumError):
    """The head of a push is not what git sends."""


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """One line of a push: `old` and `new` are object names, all zeros for none."""

    old: str
    new: str
    ref: str

    @property
    def deletes(self) -> bool:
        """Whether the ref goes away."""
        return set(self.new) == {"0"}

    @property
    def creates(self) -> bool:
        """Whether the ref is new."""
        return set(self.old) == {"0"}

    @property
    def branch(self) -> str:
        """The branch's name; empty for tags and others."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""


def match(parts: Parts) -> Match | None:
    """The route of a request; dumb HTTP and anything else is None."""
    segments = parts.segments
    if segments[-2:] == ("info", "refs"):
        if set(parts.query) != {"service"}:
            return None
        segments = (*segments[:-1], "refs?service=" + parts.query["service"])
    elif parts.query:
        return None
    found = TABLE.match(parts.method, segments)
    return None if parts.method == "HEAD" else found


def classify(parts: Parts) -> Access | None:
    """What a request asks for; the repository without its `.git`."""
    found = match(parts)
    if found is None:
        return None
    resource = f"{found.values['owner']}/{found.values['repo'].removesuffix('.git')}"
    return TABLE.access(found, resource)


def parse_push(head: bytes) -> list[RefUpdate] | None:
    """The ref updates at the head of a push (gitprotocol-pack(5), "Reference Update Request").

    None when `head` ends before the flush packet that closes them.

    Raises:
        MalformedPushError: not pkt-lines, or too many of them.
    """
    updates: list[RefUpdate] = []
    place = 0
    while True:
        if len(head) < place + 4:
            return None
        try:
            length = int(head[place : place + 4], 16)
        except ValueError as error:
            raise MalformedPushError("the push does not begin with pkt-lines") from error
        if length == 0:
            return updates
        if length < 5 or len(updates) >= _MAXIMUM_COMMANDS:
            raise MalformedPushError("the push has a broken packet or more than 1000 refs")
        if len(head) < place + length:
            return None
        line = head[place + 4 : place + length]
        place += length
        if line.startswith(b"push-cert"):
            raise MalformedPushError("signed pushes are not supported")
        if line.startswith(b"shallow "):
            continue
        command = line.split(b"\0", 1)[0].rstrip(b"\n").decode(errors="replace").split(" ", 2)
        if len(command) != 3 or not command[2].startswith("refs/"):
            raise MalformedPushError("the push has a line that is not a ref update")
        updates.append(RefUpdate(*command))


def acts_of(updates: Sequence[RefUpdate], default_branch: str) -> list[str]:
    """The named acts of a push, as far as its head tells (whether it is forced, only the history does)."""
    acts: list[str] = []
    for update in updates:
        if update.deletes and update.ref.startswith("refs/heads/"):
            acts.append("branch.delete")
        if update.deletes and update.ref.startswith("refs/tags/"):
            acts.append("tag.delete")
        if default_branch and update.branch == default_branch:
            acts.append("push_default")
    return list(dict.fromkeys(acts))
