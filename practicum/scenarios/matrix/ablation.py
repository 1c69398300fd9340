"""Parts of a team as an axis: what is each role worth?

| word | who is left |
| --- | --- |
| `full` | everybody |
| `no-plan` | all but those who plan: `product-manager`, `lead` |
| `no-verify` | all but those who verify: `qa`, `reviewer` |
| `solo` | one: the first `developer`; without one the owner of the outcome; without an owner the first of the team |

Who is left keeps role, charter, model and instructions: no permission moves. An `input` to somebody who is gone goes to
the one who is left in solo, else to the first who is left. If the owner of the outcome is gone, nobody owns it, and the
run ends when the team is quiet; in solo the one who is left owns it where anybody did. Evaluations stay as they are.
"""

from __future__ import annotations

from typing import Any, get_args

from practicum.errors import UsageError
from practicum.scenarios.matrix.schema import AblationWord

WORDS: tuple[AblationWord, ...] = get_args(AblationWord)

PLANNING = frozenset({"product-manager", "lead"})
VERIFYING = frozenset({"qa", "reviewer"})
BUILDING = frozenset({"developer"})

_NAMES_A_ROLE = ("role", "roles", "agent", "agents")
"""Keys of evaluations that name roles or agents end in these: `by_role`, `author_role`."""


def ablate(value: dict[str, Any], word: str) -> tuple[dict[str, Any], list[str]]:
    """A scenario's value with part of its team, and notes on what it then cannot fulfil. `value` stays as it is.

    Raises:
        UsageError: there is no such word, or the team has nobody whom it would take away.
    """
    if word not in WORDS:
        raise UsageError(f"unknown part of a team {word!r}", hint=f"known: {', '.join(WORDS)}")
    if word == "full":
        return value, []
    team = value.get("team")
    roles = {name: _role(member) for name, member in team.items()} if isinstance(team, dict) else {}
    kept = _kept(word, roles, team or {})
    told = ", ".join(f"{name} ({role})" for name, role in roles.items()) or "none, it has no team"
    if len(kept) == len(roles):
        missing = {"no-plan": "nobody who plans", "no-verify": "nobody who verifies", "solo": "no team to reduce"}[word]
        raise UsageError(f"{word}: the scenario has {missing}", hint=f"its roles: {told}")
    if not kept:
        raise UsageError(f"{word}: nobody would be left", hint=f"its roles: {told}")
    assert isinstance(team, dict)
    left = {name: team[name] for name in kept}
    if word == "solo" and any(_owns(member) for member in team.values()):
        left = {name: {**member, "owns_outcome": True} for name, member in left.items()}
    gone = {name: role for name, role in roles.items() if name not in kept}
    run = value.get("run")
    steps = [_redirected(step, gone, kept[0]) for step in run] if isinstance(run, list) else run
    return {**value, "team": left, "run": steps}, _unfulfilled(value, gone, {roles[name] for name in kept})


def _kept(word: str, roles: dict[str, str], team: dict[str, Any]) -> list[str]:
    if word == "solo":
        builders = [name for name, role in roles.items() if role in BUILDING]
        owners = [name for name in roles if _owns(team[name])]
        return [*builders, *owners, *roles][:1]
    taken = PLANNING if word == "no-plan" else VERIFYING
    return [name for name, role in roles.items() if role not in taken]


def _role(member: Any) -> str:
    return str(member.get("role", "")) if isinstance(member, dict) else ""


def _owns(member: Any) -> bool:
    return isinstance(member, dict) and bool(member.get("owns_outcome"))


def _redirected(step: Any, gone: dict[str, str], to: str) -> Any:
    return {**step, "to": to} if isinstance(step, dict) and step.get("to") in gone else step


def _unfulfilled(value: dict[str, Any], gone: dict[str, str], roles_left: set[str]) -> list[str]:
    """Evaluations that ask for somebody who is gone: they fail whatever the rest does, and that is worth knowing."""
    lost = set(gone) | (set(gone.values()) - roles_left)
    found = []
    for index, entry in enumerate(value.get("evaluations") or ()):
        if not isinstance(entry, dict):
            continue
        named: list[str] = []
        for key, given in entry.items():
            if str(key).rpartition("_")[2] in _NAMES_A_ROLE:
                named += [str(word) for word in (given if isinstance(given, list) else [given]) if word in lost]
        if named:
            label = entry.get("name") or entry.get("type")
            found.append(f"evaluations[{index}] ({label}) asks for {', '.join(named)}, who is not in this team")
    return found
