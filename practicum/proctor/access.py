"""What a request asks for, and what a lease grants: the two sides that the gateway compares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Level = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Access:
    """What one outside call needs, as the classifier of its service reads it."""

    service: str
    route: str
    """The template, such as `PUT /repos/{owner}/{repo}/pulls/{number}/merge`."""
    resource: str = ""
    """`acme/shortlink` for GitHub, a channel id or name, a model name; empty for account-wide reads."""
    permission: str = ""
    """GitHub: `contents`, `issues`...; Slack, Discord and deploy: the action, such as `post`."""
    level: Level = "read"
    act: str = ""
    """The named act that `cannot` and `approval` may speak of, such as `merge` or `release.create`."""
    writes: bool = False
    alternative: str = ""
    """Another permission that suffices where the numbered thing is a pull request (GitHub: comments, labels)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a lease allows at one service: the compiled charter."""

    service: str
    resources: frozenset[str] = frozenset()
    """Names that may be touched; `*` for all."""
    permissions: dict[str, Level] = field(default_factory=dict)
    """Permission (or action) to level; write includes read."""
    forbidden: frozenset[str] = frozenset()
    """Named acts that stay forbidden."""
    approval: frozenset[str] = frozenset()
    """Named acts that wait for a person."""
    rules: dict[str, str] = field(default_factory=dict)
    """Permission, resource or act to the charter's line, for `X-Practicum-Rule`: `developer: cannot.github.merge`."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call was refused, in the terms in which the service itself would."""

    kind: Literal[
        "resource", "permission", "act", "unknown_route", "malformed", "lease", "limit", "rate", "budget", "approval"
    ]
    rule: str
    """The charter's line, or what is missing from it."""
    message: str


def decide(access: Access, grant: Grant) -> Refusal | None:
    """Compare; None when the call may go through. Unknown routes never reach this point."""
    role = grant.rules.get("", grant.service)
    if access.act and access.act in grant.forbidden:
        rule = grant.rules.get(access.act, f"{role}: cannot.{grant.service}.{access.act}")
        return Refusal("act", rule, f"{access.act} is forbidden")
    if access.resource and "*" not in grant.resources and access.resource not in grant.resources:
        return Refusal(
            "resource",
            f"{role}: can.{grant.service} does not name {access.resource}",
            f"{access.resource} is not granted",
        )
    if access.permission:
        held = grant.permissions.get(access.permission)
        if held is None or (access.level == "write" and held != "write"):
            rule = f"{role}: can.{grant.service} lacks {access.permission}: {access.level}"
            return Refusal("permission", rule, f"{access.permission}: {access.level} is not granted")
    if access.act and access.act in grant.approval:
        return Refusal("approval", f"{role}: approval {grant.service}.{access.act}", f"{access.act} waits for a person")
    return None
