"""The team as the proctor knows it: for each agent its compiled charter and its accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from practicum.api.prices import PRICES_VARIABLE, is_listed, price
from practicum.bus.voices import is_reserved
from practicum.errors import NeedsModelError, NoKeyError, UsageError
from practicum.proctor.access import Grant, Level
from practicum.proctor.accounts import (
    ADMIN,
    LAUNCHER,
    WORLD,
    Account,
    check_reviewers,
    email_of,
    live_account,
    simulated_account,
    world_credential,
)
from practicum.proctor.charter import GITHUB_PERMISSIONS, MOCKS, MODEL_SERVICES, Compiled, compile_charter
from practicum.proctor.control import AgentSetup, Mode, Open
from practicum.proctor.gateway.upstream import Upstream
from practicum.proctor.live import identify
from practicum.proctor.vault.env import EnvVault
from practicum.proctor.vault.layers import SHELL, Layers

_JUDGE = "judge"
"""In whose name the launcher asks a model about the run: leased like an agent, and none of the team; a scenario cannot
call an agent so, and no bus identity has this name."""

_CHAT_ACTIONS = ("read", "post", "react", "edit", "delete", "files", "manage")


@dataclass(frozen=True, slots=True)
class Member:
    """One agent."""

    setup: AgentSetup
    compiled: Compiled
    accounts: Mapping[str, Account]
    """Service to account, for each granted service."""


@dataclass
class Roster:
    """Everybody who gets leases, and every credential of the run."""

    members: dict[str, Member]
    inspectors: dict[str, Account]
    """Service to the account with which the launcher looks."""
    admin: Account
    """Opens the world's inspection and seeding; never leaves the proctor."""
    modes: dict[str, Mode]
    notes: list[str] = field(default_factory=list)

    def accounts(self) -> list[Account]:
        """Every account with a key, each key once."""
        every = [account for member in self.members.values() for account in member.accounts.values()]
        every += [*self.inspectors.values(), self.admin]
        return list({account.credential: account for account in every}.values())

    def world_credentials(self) -> list[dict[str, object]]:
        """What the world is told: the accounts of simulated services, with hashes of their keys."""
        told = [world_credential(self.admin, None, kind="admin")]
        for member in self.members.values():
            for service, account in member.accounts.items():
                if self.modes[service] == "simulated" and service != MOCKS:
                    kind = "user" if service in ("github", "deploy") else "bot"
                    told.append(world_credential(account, member.compiled.grants[service], kind=kind))
        for service, account in self.inspectors.items():
            if self.modes[service] == "simulated":
                told.append(world_credential(account, None, kind="admin"))
        return told


async def build_roster(params: Open, layers: Layers, upstreams: Mapping[str, Upstream]) -> Roster:
    """Check the charters, find or make a key for each account, and ask live services whose keys those are.

    Raises:
        CharterError: a charter says something unknown or asks for more than there is.
        NeedsModelError: a model's vendor has no key.
        VaultError: another key is missing, is not taken by its service, or all reviewers would be one account.
        InfrastructureError: a live service does not answer.
        UsageError: two agents of one name, or a service that cannot be simulated.
    """
    modes: dict[str, Mode] = {name: service.mode for name, service in params.services.items()}
    for vendor in MODEL_SERVICES:
        if modes.get(vendor) == "simulated":
            raise UsageError(f"{vendor} cannot be simulated", hint="use a script/... model, or set its mode to live")
    if MOCKS in params.mocked:
        modes[MOCKS] = "simulated"
    names = [agent.name for agent in params.agents]
    for name in names:
        if names.count(name) > 1 or name in (LAUNCHER, ADMIN):
            raise UsageError(f"two agents cannot both be called {name}")
        if is_reserved(name) and name != _JUDGE:
            raise UsageError(f"an agent cannot be called {name}: that is a part of Practicum")
    for vault in layers.vaults:
        if isinstance(vault, EnvVault):
            vault.check_agents(names)

    compiled = {
        agent.name: compile_charter(agent.charter, services=modes.keys(), grantable=params.grantable, model=agent.model)
        for agent in params.agents
    }
    accounts = {agent.name: _accounts(agent, compiled[agent.name], modes, layers) for agent in params.agents}
    await _identify(accounts, modes, upstreams)
    if modes.get("github") == "live":
        check_reviewers(
            params.agents,
            {name: mine["github"] for name, mine in accounts.items() if "github" in mine},
            {name: made.grants["github"] for name, made in compiled.items() if "github" in made.grants},
        )
    members = {agent.name: Member(agent, compiled[agent.name], accounts[agent.name]) for agent in params.agents}
    roster = Roster(members, _inspectors(members, modes, layers), _admin(), modes)
    roster.notes = _notes(params, roster, layers)
    return roster


def inspection_grant(service: str) -> Grant:
    """Read everything of a service, write nothing. A deployed application may be asked: its answer is an effect."""
    names = sorted(GITHUB_PERMISSIONS) if service == "github" else ["read"]
    levels: dict[str, Level] = dict.fromkeys(names, "read")
    if service == "deploy":
        levels["probe"] = "write"
    return Grant(service, frozenset({"*"}), levels, rules={"": LAUNCHER})


def _live_account(service: str, agent: AgentSetup, layers: Layers) -> Account:
    """As `live_account`. Without the key of its vendor an agent has no model: nothing is wrong with what was asked."""
    try:
        return live_account(service, agent.name, agent.role, layers)
    except NoKeyError as error:
        if service not in MODEL_SERVICES:
            raise
        hint = f"{error.hint}\n       or give another model with --model"
        raise NeedsModelError(f"{agent.name} needs its model {agent.model}: {error.message}", hint=hint) from error


def _accounts(agent: AgentSetup, compiled: Compiled, modes: Mapping[str, Mode], layers: Layers) -> dict[str, Account]:
    return {
        service: _live_account(service, agent, layers)
        if modes[service] == "live"
        else simulated_account(service, agent.name, agent.role)
        for service in compiled.grants
    }


async def _identify(
    accounts: Mapping[str, dict[str, Account]], modes: Mapping[str, Mode], upstreams: Mapping[str, Upstream]
) -> None:
    """Ask each live service once for each key, all at the same time."""
    known: dict[tuple[str, str], asyncio.Task[Account]] = {}
    try:
        async with asyncio.TaskGroup() as group:
            for account in (account for mine in accounts.values() for account in mine.values()):
                key = (account.service, account.credential)
                if modes[account.service] == "live" and key not in known:
                    known[key] = group.create_task(identify(account, upstreams[account.service]))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    for mine in accounts.values():
        for service, account in mine.items():
            task = known.get((service, account.credential))
            if task is not None:
                found = task.result()
                if found.login != found.agent:
                    mine[service] = Account(
                        service, account.agent, account.credential, account.secret,
                        found.login, found.name, found.email, account.origin,
                    )  # fmt: skip


def _inspectors(members: Mapping[str, Member], modes: Mapping[str, Mode], layers: Layers) -> dict[str, Account]:
    """With which account the launcher looks: one of its own where simulated, the first that there is where live."""
    found: dict[str, Account] = {}
    for service, mode in modes.items():
        if service in MODEL_SERVICES or service == MOCKS:
            continue
        if mode == "simulated":
            found[service] = simulated_account(service, LAUNCHER, LAUNCHER)
        elif mode == "live":
            shared = layers.find(service)
            have = [member.accounts[service] for member in members.values() if service in member.accounts]
            if shared is not None:
                found[service] = live_account(service, LAUNCHER, LAUNCHER, layers)
            elif have:
                found[service] = have[0]
    return found


def _admin() -> Account:
    made = simulated_account(WORLD, ADMIN, ADMIN)
    return Account(WORLD, ADMIN, made.credential, made.secret, ADMIN, "Practicum", email_of(ADMIN))


def _notes(params: Open, roster: Roster, layers: Layers) -> list[str]:
    notes: list[str] = []
    used = [account for account in roster.accounts() if account.origin == SHELL]
    if used:
        names = ", ".join(sorted({account.credential for account in used}))
        notes.append(f"keys taken from the shell: {names}")
    for vault in layers.vaults:
        if isinstance(vault, EnvVault) and (strangers := vault.strangers(roster.members)):
            notes.append(f"{vault.origin}: for no agent of this run: {', '.join(strangers)}")
    absent: dict[str, list[str]] = {}
    for member in roster.members.values():
        for service in member.compiled.skipped:
            absent.setdefault(service, []).append(member.setup.role)
    for service, roles in absent.items():
        notes.append(f"the scenario has no {service}; the charters of {', '.join(dict.fromkeys(roles))} name it")
    notes += _unlisted(params)
    paid = any(mode == "live" and service in MODEL_SERVICES for service, mode in roster.modes.items())
    if paid:
        notes.append(
            "model calls have no budget"
            if params.budget_usd is None
            else f"model calls: at most ${params.budget_usd:g}"
        )
    return notes


def _unlisted(params: Open) -> list[str]:
    """Models that are counted as dear ones, because nobody told what they cost."""
    notes = []
    for model in dict.fromkeys(agent.model for agent in params.agents):
        vendor, _, name = model.partition("/")
        line = price(vendor, name)
        if line is not None and not is_listed(vendor, name):
            notes.append(
                f"the price of {model} is not known: counted as ${line.input:g} and ${line.output:g} for a million "
                f"tokens in and out; {PRICES_VARIABLE}=FILE says better"
            )
    return notes
