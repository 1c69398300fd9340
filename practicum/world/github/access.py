"""What may be done in a repository: by an account, for its role; by its token, for its fine-grained permissions."""

from __future__ import annotations

from practicum.world.github.errors import ApiError, not_found
from practicum.world.github.permissions import Route
from practicum.world.github.state import Repository
from practicum.world.service import Credential

ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""From least to most: https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories"""

_SENT = {"pull": "read", "push": "write"}
"""Older names that the API still accepts."""


def role_name(given: str) -> str | None:
    """`pull` and `push` are `read` and `write`; None for a word that is no role."""
    role = _SENT.get(given, given)
    return role if role in ROLES[1:] else None


def role_of(repo: Repository, login: str) -> str:
    """An account's role in a repository; a public one can be read by all."""
    if login == repo.owner:
        return "admin"
    return repo.collaborators.get(login, "none" if repo.private else "read")


def at_least(role: str, wanted: str) -> bool:
    """Whether a role includes another."""
    return ROLES.index(role) >= ROLES.index(wanted)


def can_see(credential: Credential, repo: Repository) -> bool:
    """Whether a repository exists for a token."""
    if credential.repos is not None and not {repo.full_name, "*"} & set(credential.repos):
        return False
    return role_of(repo, credential.login) != "none"


def holds(credential: Credential, permission: str, level: str) -> bool:
    """Whether a token carries a permission; `metadata: read` comes with every token."""
    if credential.permissions is None or not permission or (permission == "metadata" and level == "read"):
        return True
    held = credential.permissions.get(permission)
    return held == "write" or (held == "read" and level == "read")


def check_token(credential: Credential, route: Route) -> None:
    """Hold a route against the fine-grained permissions of a token.

    Raises:
        ApiError: 403, naming in `X-Accepted-GitHub-Permissions` what would have been enough.
    """
    names = (route.permission, *route.alternatives)
    if not any(holds(credential, name, route.level) for name in names):
        accepted = "; ".join(f"{name}={route.level}" for name in names)
        raise ApiError(
            403,
            "Resource not accessible by personal access token",
            headers={"X-Accepted-GitHub-Permissions": accepted},
        )


def check_role(credential: Credential, repo: Repository, wanted: str) -> None:
    """Hold a call against the account's role in the repository.

    Raises:
        ApiError: 404 when the repository is not there for the account, 403 when its role is too small.
    """
    role = role_of(repo, credential.login)
    if role == "none":
        raise not_found()
    if not at_least(role, wanted):
        if wanted == "admin":
            raise ApiError(403, "Must have admin rights to Repository.")
        raise ApiError(403, f"Must have {wanted} access to Repository.")
