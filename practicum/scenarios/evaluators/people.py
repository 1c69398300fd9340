"""Which agent stands behind an account or a commit."""

from __future__ import annotations

from practicum.api.evaluator import Evidence
from practicum.bus.events import LeaseGranted


def accounts(evidence: Evidence, service: str) -> dict[str, str]:
    """Login at a service to agent, as the leases of the run name them. Simulated logins are the agents' names."""
    found = {agent: agent for agent in evidence.team}
    for event in evidence.events:
        body = event.body
        if isinstance(body, LeaseGranted) and body.service == service and body.agent in evidence.team:
            found[body.identity] = body.agent
    return found


def login_of(email: str) -> str:
    """The login in a commit's address: `dev-1@team.invalid`, or GitHub's private `123+dev-1@users.noreply.github.com`.

    Source: GitHub Docs, "Setting your commit email address".
    """
    return email.partition("@")[0].rpartition("+")[2]


def role_of(evidence: Evidence, login: str, service: str = "github") -> str | None:
    """The role of the agent behind a login; None for somebody outside the team."""
    agent = accounts(evidence, service).get(login)
    return evidence.team.get(agent) if agent is not None else None
