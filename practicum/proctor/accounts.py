"""Who each agent is at each service, and with which key."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from practicum.errors import VaultError
from practicum.proctor.access import Grant
from practicum.proctor.control import AgentSetup
from practicum.proctor.secret import Secret
from practicum.proctor.vault.env import variable_for
from practicum.proctor.vault.layers import Layers
from practicum.proctor.vault.protocol import account_name

LAUNCHER = "launcher"
ADMIN = "practicum"
WORLD = "world"

_SPELLED = {"qa": "QA", "devops": "DevOps", "pm": "PM", "sre": "SRE"}


@dataclass(frozen=True, slots=True)
class Account:
    """One agent's account at one service."""

    service: str
    agent: str
    credential: str
    """The vault's name of its key: `github@dev-1`, or `github` where agents share one."""
    secret: Secret
    login: str
    name: str
    email: str
    origin: str = ""
    """Where the key was found; empty for one made here."""


def display_name(agent: str, role: str) -> str:
    """What people read: `Developer dev-1`, `Product Manager pm`."""
    words = (_SPELLED.get(word, word.capitalize()) for word in role.replace("_", "-").split("-") if word)
    return f"{' '.join(words)} {agent}"


def email_of(login: str) -> str:
    """An address that cannot exist (RFC 2606, section 2)."""
    return f"{login}@team.invalid"


def simulated_account(service: str, agent: str, role: str) -> Account:
    """An account of the simulated world with a random key, made for this run."""
    return Account(
        service=service,
        agent=agent,
        credential=account_name(service, agent),
        secret=Secret("simulated-" + secrets.token_urlsafe(32)),
        login=agent,
        name=display_name(agent, role),
        email=email_of(agent),
    )


def live_account(service: str, agent: str, role: str, layers: Layers) -> Account:
    """An account of the true service, with the agent's own key or the one that all share.

    The login is the agent's name until the service was asked (`practicum.proctor.live`).

    Raises:
        VaultError: there is no key; the message has the line that brings one in.
    """
    found = layers.need(service, agent)
    return Account(
        service, agent, found.name, found.secret, agent, display_name(agent, role), email_of(agent), found.origin
    )


def world_credential(account: Account, grant: Grant | None, *, kind: str) -> dict[str, object]:
    """What the world is told of an account: `practicum.world.service.Credential` as JSON, with the key's hash only."""
    repos = sorted(grant.resources) if grant is not None and account.service == "github" else None
    return {
        "service": account.service,
        "token_sha256": hashlib.sha256(account.secret.reveal().encode()).hexdigest(),
        "login": account.login,
        "name": account.name,
        "email": account.email,
        "kind": kind,
        "permissions": dict(grant.permissions) if grant is not None else None,
        "repos": repos,
    }


def check_reviewers(agents: Sequence[AgentSetup], accounts: Mapping[str, Account], grants: Mapping[str, Grant]) -> None:
    """See that reviews can be given: GitHub lets nobody approve a pull request of their own account.

    Args:
        agents: the team.
        accounts: agent to its live GitHub account.
        grants: agent to its GitHub grant.

    Raises:
        VaultError: several roles may write pull requests, one of them may approve, and all are one account. The
            message names them and what to set.
    """
    writers = [agent for agent in agents if _writes_pulls(grants.get(agent.name)) and agent.name in accounts]
    roles = list(dict.fromkeys(agent.role for agent in writers))
    approvers = [agent for agent in writers if "approve" not in grants[agent.name].forbidden]
    if len(roles) < 2 or not approvers:
        return
    # Two keys can still be of one account; where the service told the logins, those decide.
    keys = {(accounts[agent.name].secret, accounts[agent.name].login) for agent in writers}
    logins = {accounts[agent.name].login.lower() for agent in writers}
    if len({secret for secret, _ in keys}) > 1 and len(logins) > 1:
        return
    names = [account_name("github", agent.name) for agent in writers]
    raise VaultError(
        f"the roles {', '.join(roles)} review each other's pull requests, and all would be one GitHub account "
        f"({accounts[writers[0].name].credential} from {accounts[writers[0].name].origin}): "
        "GitHub refuses an author's own approval",
        hint="give at least two of them keys of different accounts: "
        + "   ".join(f"practicum secrets set {name}" for name in names)
        + f"\n       or set {' '.join(variable_for(name) for name in names)}",
    )


def _writes_pulls(grant: Grant | None) -> bool:
    return grant is not None and grant.permissions.get("pull_requests") == "write"
