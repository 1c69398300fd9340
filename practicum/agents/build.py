"""Putting an agent together: its model, its tools, its loop. The same for live runs and replays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from practicum.agents.boot import Boot
from practicum.agents.context import Access, Ask, ToolContext
from practicum.agents.inbox import Inbox
from practicum.agents.journal import Journal
from practicum.agents.loop import Agent, AgentLimits
from practicum.agents.render import render_event
from practicum.agents.toolbox import Toolbox, ToolRunner
from practicum.agents.tools import tools_for
from practicum.api.model import Model
from practicum.errors import UsageError
from practicum.models.registry import open_model, parse_model
from practicum.models.script import BUILT_IN, ScriptModel, load_scripts


def build_model(boot: Boot, cause: Callable[[], str], tools: ToolRunner, journal: Journal) -> Model:
    """The model that decides for this agent, or the user's program in its place: that is offered `tools`.

    Raises:
        UsageError: no such vendor or script, or a missing extra.
    """
    if boot.program is not None:
        from practicum.agents.outside import OutsideModel

        return OutsideModel(boot, tools, journal, cause)
    ref = parse_model(boot.model)
    if ref.vendor == "script":
        scripts = {**BUILT_IN, **(load_scripts(Path(boot.script)) if boot.script else {})}
        if ref.name not in scripts:
            known = ", ".join(sorted(scripts)) or "none"
            raise UsageError(f"{boot.script}: there is no script {ref.name!r}", hint=f"it defines: {known}")
        seed = int(boot.settings.get("seed", 0))
        return ScriptModel(scripts[ref.name], me=boot.agent, role=boot.role, team=boot.team, seed=seed)
    access = boot.services.get(ref.service)
    return open_model(
        ref,
        base_url=access.url if access else "",
        api_key=access.token if access else "",
        cause=cause,
        agent=boot.agent,
    )


def build_tools(boot: Boot, journal: Journal, ask: Ask) -> Toolbox:
    """The tools of this agent, bound to its leases."""
    services = {
        name: Access(item.url, item.token, item.login, item.name, item.email, item.git_url)
        for name, item in boot.services.items()
    }
    context = ToolContext(
        agent=boot.agent,
        role=boot.role,
        run=boot.run,
        team=boot.team,
        workspace=Path(boot.workspace),
        services=services,
        journal=journal,
        ask=ask,
        settings=boot.settings,
    )
    mocked = boot.settings.get("mocks", ()) if "mocks" in services else ()
    return Toolbox(tools_for(tool_services(boot), mocked), context)


def tool_services(boot: Boot) -> set[str]:
    """The services whose tools the agent has: those of its charter, and plugins where the scenario names one."""
    return {*boot.tools, "plugins"} if boot.settings.get("plugins") else set(boot.tools)


def build_agent(boot: Boot, *, inbox: Inbox, journal: Journal, tools: ToolRunner, model: Model | None = None) -> Agent:
    """The actor itself; `model` replaces the one that the boot names."""
    holder: list[Agent] = []
    chosen = model or build_model(boot, lambda: holder[0].asked if holder else "", tools, journal)
    agent = Agent(
        name=boot.agent,
        role=boot.role,
        system=boot.system,
        model=chosen,
        tools=tools,
        inbox=inbox,
        journal=journal,
        render=render_event,
        limits=AgentLimits(turns=boot.turns, requests=boot.requests),
        temperature=boot.temperature,
        max_tokens=boot.max_tokens,
    )
    holder.append(agent)
    return agent
