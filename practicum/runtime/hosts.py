"""Agent hosts: one process for each agent, in the sandbox's tier."""

from __future__ import annotations

import os
import shlex
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import to_json

from practicum.agents.boot import Boot, BusAccess, ServiceAccess
from practicum.api.sandbox import MIB, WORKSPACE, Limits, Mount, Sandbox, SandboxProcess, SandboxProvider, SandboxSpec
from practicum.bus.nats import mailbox_name, stream_name
from practicum.errors import UsageError
from practicum.proctor.control import Identity, ServiceLease
from practicum.runtime.child import Line
from practicum.runtime.members import Planned
from practicum.runtime.mocks import mocks_of
from practicum.runtime.plan import Plan
from practicum.scenarios.schema import GENERAL

HOST_LIMITS = Limits(wall_s=86_400, cpu_s=86_400, memory_bytes=2048 * MIB, processes=256, open_files=1024)
"""For an agent's own process, which lives as long as the run; its commands have their own limits."""

SCENARIO = "/scenario"
"""Where a scripted agent's host finds the scenario's folder, to read only. Others do not see it: it holds answers."""

FIRST_UID = 200_000
"""When we are root, agent N of a run executes as uid FIRST_UID + N, which owns nothing but its own folder."""


def agent_uid(index: int) -> int | None:
    """The uid of a run's agent; None when we are not root and everybody is ourselves."""
    return FIRST_UID + index if os.geteuid() == 0 else None


@dataclass
class Host:
    """A started agent host."""

    agent: str
    sandbox: Sandbox
    process: SandboxProcess
    line: Line

    async def stop(self) -> None:
        """End it and whatever it started."""
        await self.line.close()
        await self.process.kill()
        await self.sandbox.close()


async def start_host(
    agent: Planned, index: int, *, sandboxes: SandboxProvider, workspace: Path, scenario: Path, log: Path
) -> Host:
    """Start the process; it imports and waits for its boot line."""
    mounts = [Mount(workspace, WORKSPACE, writable=True)]
    if agent.script is not None:
        mounts.append(Mount(scenario.resolve(), SCENARIO))
    if agent.program is not None:
        mounts += agent.program.mounts
    spec = SandboxSpec(
        mounts=tuple(mounts),
        cwd=inside(sandboxes, workspace),
        limits=HOST_LIMITS,
        network="host",
        uid=agent_uid(index),
        env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"},
    )
    sandbox = await sandboxes.open(spec)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with log.open("ab") as file, theirs:
        process = await sandbox.start(
            [sys.executable, "-m", "practicum.agents.process", "--fd", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdout=file.fileno(),
            stderr=file.fileno(),
        )
    line = Line(agent.name, ours)
    await line.open()
    return Host(agent.name, sandbox, process, line)


def check_readable(plan: Plan) -> None:
    """As root, agents execute as others: see that these can read the scripts.

    Raises:
        UsageError: they cannot; with the line that mends it.
    """
    if os.geteuid() != 0 or plan.options.sandbox == "local":
        return
    for script in {agent.script for agent in plan.agents if agent.script is not None}:
        top = plan.loaded.folder.resolve()
        for path, bits in [
            (top, 0o005),
            *((folder, 0o005) for folder in script.resolve().parents if top in folder.parents),
        ]:
            if path.stat().st_mode & bits != bits:
                raise UsageError(
                    f"{path}: agents run as users of their own and cannot read this folder",
                    hint=f"chmod o+rx {shlex.quote(str(path))}   (or put the scenario into another folder)",
                )
        if not script.stat().st_mode & 0o004:
            raise UsageError(
                f"{script}: agents run as users of their own and cannot read it",
                hint=f"chmod o+r {shlex.quote(str(script))}",
            )


def inside(sandboxes: SandboxProvider, workspace: Path) -> str:
    """How the agent itself calls its folder."""
    return str(workspace) if sandboxes.name == "local" else WORKSPACE


def script_inside(sandboxes: SandboxProvider, agent: Planned, scenario: Path) -> str:
    """How the agent's host calls its script; empty for a model."""
    if agent.script is None:
        return ""
    path = agent.script.resolve()
    return str(path) if sandboxes.name == "local" else f"{SCENARIO}/{path.relative_to(scenario.resolve()).as_posix()}"


def make_boot(
    plan: Plan,
    agent: Planned,
    *,
    run: str,
    workspace: str,
    script: str,
    url: str,
    identity: Identity,
    leases: dict[str, ServiceLease],
) -> Boot:
    """What the host is told."""
    settings = {**plan.settings, "owns_outcome": agent.owns_outcome, "mocks": mocks_of(plan).methods}
    return Boot(
        run=run,
        agent=agent.name,
        role=agent.kit.role,
        team=plan.roles,
        system=system_prompt(plan, agent),
        model=agent.model_text,
        script=script,
        wakes_on=agent.kit.wakes_on,
        tools=tuple(sorted(agent.kit.services & {*plan.modes, "shell"})),
        services={name: ServiceAccess(**lease.model_dump()) for name, lease in leases.items()},
        bus=BusAccess(
            url=url,
            jwt=identity.jwt,
            seed=identity.seed,
            stream=stream_name(run),
            consumer=mailbox_name(agent.name),
        ),
        workspace=workspace,
        settings=settings,
        turns=plan.loaded.scenario.limits.turns,
        temperature=agent.temperature,
        max_tokens=agent.max_tokens,
        provenance=plan.provenance,
        program=agent.program.start if agent.program is not None else None,
    )


_TO_A_TEAM = (
    "You are woken when something concerns you; act through the tools, then stop: you will be woken again. What "
    "you only say, nobody sees: use send_message, Slack, or comments. The verdict rests on what really happened."
)

_TO_A_USER = (
    "Paths that your tools take are relative to your workspace, a private folder. What you write at the end of your "
    "turn is what the user reads. The verdict rests on what really happened."
)


def plugins_text(plan: Plan) -> str:
    """The plugins that the scenario wants, with version and configuration; empty without any."""
    lines = []
    for plugin in plan.loaded.scenario.plugins:
        if plugin.enabled:
            version = f" {plugin.version}" if plugin.version else ""
            config = f": {to_json(plugin.config).decode()}" if plugin.config else ""
            lines.append(f"- {plugin.name}{version}{config}")
    return "The scenario names these plugins:\n" + "\n".join(lines) if lines else ""


def system_prompt(plan: Plan, agent: Planned) -> str:
    """Who the agent is, who the others are, what there is to work with, and its role's instructions."""
    others = "\n".join(f"- {name}: {role}{' (you)' if name == agent.name else ''}" for name, role in plan.roles.items())
    world = plan.loaded.scenario.world
    places = []
    if world.github is not None:
        places.append(f"- GitHub repository {world.github.repo}; your login is {agent.name}")
    if world.slack is not None:
        places.append(f"- Slack channels {', '.join(world.slack.channels)}")
    if world.discord is not None:
        places.append(f"- Discord channels {', '.join(world.discord.channels)}")
    if world.deploy is not None:
        places.append(f"- the deploy target, application {world.deploy.app}")
    parts = [
        f"You are {agent.name}, {agent.kit.role} of this team:\n{others}"
        if len(plan.agents) > 1 or agent.kit.role != GENERAL
        else "",
        "You work with:\n" + "\n".join(places) if places else "",
        plugins_text(plan),
        agent.kit.instructions.strip(),
        agent.instructions.strip(),
        _TO_A_USER if agent.kit.role == GENERAL else _TO_A_TEAM,
    ]
    return "\n\n".join(part for part in parts if part)
