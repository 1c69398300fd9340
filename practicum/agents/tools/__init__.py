"""Every tool that comes with Practicum, by the service that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from practicum.agents.tools.deploy import DEPLOY
from practicum.agents.tools.discord import DISCORD
from practicum.agents.tools.files import FILES
from practicum.agents.tools.git import GIT
from practicum.agents.tools.github import GITHUB
from practicum.agents.tools.mocks import mock_tools
from practicum.agents.tools.plugin_jobs import PLUGIN_JOBS
from practicum.agents.tools.plugins import PLUGINS
from practicum.agents.tools.shell import SHELL
from practicum.agents.tools.slack import SLACK
from practicum.agents.tools.team import TEAM
from practicum.api.tool import Tool

BY_SERVICE: dict[str, tuple[Tool[Any], ...]] = {
    "": FILES + TEAM,
    "github": GIT + GITHUB,
    "slack": SLACK,
    "discord": DISCORD,
    "deploy": DEPLOY,
    "shell": SHELL,
    "plugins": PLUGINS + PLUGIN_JOBS,
}
"""A role gets the tools of the services that its charter grants; those under the empty name belong to all, and those of
`plugins` to all agents of a scenario that names a plugin."""


def tools_for(services: set[str], mocked: Iterable[Sequence[str]] = ()) -> tuple[Tool[Any], ...]:
    """The tools of an agent that has leases for `services`, in a fixed order.

    `mocked` are services and methods of the scenario's mocks, each of which is a tool too.
    """
    found = tuple(tool for service, tools in BY_SERVICE.items() if not service or service in services for tool in tools)
    return found + mock_tools(mocked, taken=[tool.name for tool in found])
