"""What a run begins with: the agents' folders and the world's seed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from practicum.bus.nats import stream_name
from practicum.proctor import control
from practicum.runtime.clients import ProctorClient
from practicum.runtime.places import RunFolder
from practicum.runtime.plan import Plan
from practicum.scenarios.environments.seeding import seed_files
from practicum.scenarios.schema import text_of


def fill_workspaces(plan: Plan, folder: RunFolder) -> dict[str, Path]:
    """Make each agent's folder; whoever is given an input finds the scenario's files in it.

    Raises:
        UsageError: a file cannot be had, or would lie outside; it names the key.
    """
    scenario = plan.loaded.scenario
    receivers = {scenario.receiver(step) for step in scenario.run if step.input or step.code}
    made = {}
    for agent in plan.agents:
        workspace = folder.path / "agents" / agent.name
        workspace.mkdir(parents=True)
        made[agent.name] = workspace
        if agent.name in receivers and scenario.setup.virtual_fs:
            seed_files(workspace, scenario.setup.virtual_fs, plan.loaded.folder)
            for brief in workspace.rglob("brief.md") if plan.options.brief else ():
                brief.write_text(plan.options.brief.read_text() if plan.options.brief else "")
    return made


async def world_boot(
    plan: Plan,
    folder: RunFolder,
    credentials: list[dict[str, object]],
    proctor: ProctorClient,
    url: str,
    sandbox: str,
) -> dict[str, Any]:
    """The world's first line: seeds of the simulated services, hashed credentials, one bus identity a service."""
    services = {name: seed for name, seed in _seeds(plan).items() if plan.modes.get(name) == "simulated"}
    identities = {}
    for name in services:
        asked = control.IdentityRequest(source=f"world-{name}", kind="world", stream=stream_name(folder.run))
        made = await proctor.identity(asked)
        identities[made.source] = {"jwt": made.jwt, "seed": made.seed}
    directory = folder.path / "world"
    directory.mkdir()
    return {
        "run": folder.run,
        "directory": str(directory),
        "services": services,
        "credentials": credentials,
        "bus": {"url": url, "stream": stream_name(folder.run), "identities": identities},
        "sandbox": sandbox,
        "provenance": "simulated",
        "port": 0,
    }


def _seeds(plan: Plan) -> dict[str, dict[str, Any]]:
    world = plan.loaded.scenario.world
    seeds: dict[str, dict[str, Any]] = {}
    if world.github is not None:
        repo: dict[str, Any] = {"protected": world.github.protected}
        source = plan.options.repo or world.github.from_
        if source:
            repo["from"] = source if re.match(r"^[a-z+]+://", source) else str(Path(source).absolute())
        if world.github.files:
            folder = plan.loaded.folder
            repo["files"] = {name: text_of(value, folder) for name, value in world.github.files.items()}
        seeds["github"] = {"repo": world.github.repo, "repos": {world.github.repo: repo}}
    for name, chat in (("slack", world.slack), ("discord", world.discord)):
        if chat is not None:
            users = sorted({s.say.user for s in plan.loaded.scenario.run if s.say and s.say.service == name})
            seeds[name] = {
                "channels": list(chat.channels),
                "users": [{"login": user, "name": user.capitalize()} for user in users],
            }
    if world.deploy is not None:
        seeds["deploy"] = {}  # an application appears with its first deployment
    return seeds
