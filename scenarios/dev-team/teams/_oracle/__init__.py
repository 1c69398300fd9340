"""The oracle: five scripts that build, review, test, release and watch Shortlink."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from _oracle.developer import develop
from _oracle.devops import operate
from _oracle.lead import lead
from _oracle.plan import Plan
from _oracle.product_manager import manage
from _oracle.qa import assure
from practicum.models.script import Script, Turn

__all__ = ["Plan", "team"]

Work = Callable[[Turn, Plan], Awaitable[None]]

_ROLES: dict[str, Work] = {
    "product-manager": manage,
    "lead": lead,
    "developer": develop,
    "qa": assure,
    "devops": operate,
}


def team(plan: Plan) -> list[Script]:
    """A script for each role, all with the same plan."""
    return [_script(role, work, plan) for role, work in _ROLES.items()]


def _script(role: str, work: Work, plan: Plan) -> Script:
    async def play(turn: Turn) -> None:
        await work(turn, plan)

    return Script(role, play)
