"""Which action each route of the deploy target needs.

Written independently of the proctor's table; a test holds the two to each other.
"""

from __future__ import annotations

from typing import Literal

Action = Literal["read", "deploy", "probe", "rollback", "stop"]

ROUTES: dict[tuple[str, str], Action] = {
    ("GET", "/v1/apps"): "read",
    ("GET", "/v1/apps/{app}"): "read",
    ("DELETE", "/v1/apps/{app}"): "stop",
    ("GET", "/v1/apps/{app}/deployments"): "read",
    ("POST", "/v1/apps/{app}/deployments"): "deploy",
    ("GET", "/v1/apps/{app}/deployments/{id}"): "read",
    ("GET", "/v1/apps/{app}/logs"): "read",
    ("POST", "/v1/apps/{app}/rollback"): "rollback",
    ("*", "/v1/apps/{app}/http/{path}"): "probe",
}
"""Method (`*` for any) and path below `/deploy` to the action."""


def permitted(permissions: dict[str, str] | None, action: Action) -> bool:
    """Whether an account's permissions (action to level, the level means nothing here) hold an action; None is all."""
    return permissions is None or action in permissions
