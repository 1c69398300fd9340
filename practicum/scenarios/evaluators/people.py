"""Which agent stands behind an account or a commit, and whose word an event is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from practicum.api.evaluator import Evidence
from practicum.bus.event import Event
from practicum.bus.events import Data, LeaseGranted


def witnessed(evidence: Evidence, *kinds: type[Data], among: Sequence[Event] | None = None) -> Iterator[Event]:
    """The events of some kinds that a part of Practicum saw, in order; of the whole run, or `among` others.

    The broker lets a process publish under its own name only, but whatever it likes: a `world.changed` that an agent's
    own process published is that agent's word, not a fact.
    """
    for event in evidence.events if among is None else among:
        if isinstance(event.body, kinds) and event.source not in evidence.team:
            yield event


def logins(evidence: Evidence, service: str) -> dict[str, set[str]]:
    """Agent to its logins at a service, as the leases of the run name them. Simulated ones are the agents' names."""
    found = {agent: {agent} for agent in evidence.team}
    for event in witnessed(evidence, LeaseGranted):
        body = event.body
        if isinstance(body, LeaseGranted) and body.service == service and body.agent in evidence.team:
            found[body.agent].add(body.identity)
    return found


def accounts(evidence: Evidence, service: str) -> dict[str, str]:
    """Login at a service to agent. Where agents share an account, the last one that was handed it."""
    return {login: agent for agent, own in logins(evidence, service).items() for login in own}


def login_of(email: str) -> str:
    """The login in a commit's address: `dev-1@team.invalid`, or GitHub's private `123+dev-1@users.noreply.github.com`.

    Source: GitHub Docs, "Setting your commit email address".
    """
    return email.partition("@")[0].rpartition("+")[2]


def user_of(item: dict[str, Any]) -> str:
    """Who wrote a pull request, review or issue; empty for an account that is gone, which GitHub shows as null."""
    return str((item.get("user") or {}).get("login") or "")


def role_of(evidence: Evidence, login: str, service: str = "github") -> str | None:
    """The role of the agent behind a login; None for somebody outside the team."""
    agent = accounts(evidence, service).get(login)
    return evidence.team.get(agent) if agent is not None else None
