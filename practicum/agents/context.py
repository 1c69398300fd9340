"""What a tool gets to work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from practicum.agents.journal import Journal
from practicum.api.tool import ToolError

Ask = Callable[[str, str, bytes, float], Awaitable[bytes]]
"""service, verb, request, timeout in seconds -> reply"""


@dataclass(frozen=True, slots=True)
class Access:
    """One service as this agent may use it: through the gateway, with a lease."""

    url: str
    token: str = field(repr=False)
    """The lease; never a real credential."""
    login: str
    name: str
    email: str
    git_url: str = ""


@dataclass
class ToolContext:
    """Handed to every tool as its first argument."""

    agent: str
    role: str
    run: str
    team: dict[str, str]
    """Agent to role."""
    workspace: Path
    """The agent's private folder; paths that tools take are relative to it."""
    services: dict[str, Access]
    journal: Journal
    ask: Ask
    cause: str = ""
    """Id of the `tool.called` event of the present call; goes along with every outside call."""
    settings: dict[str, Any] = field(default_factory=dict)
    """From the scenario: `repo`, `app`, channels; `mocks`, services and methods that are called by name."""
    clients: dict[str, Any] = field(default_factory=dict)
    """SDK clients that live as long as the agent, by service."""

    def service(self, name: str) -> Access:
        """The lease for a service.

        Raises:
            ToolError: this role has none.
        """
        access = self.services.get(name)
        if access is None:
            raise ToolError(f"no lease for {name}: the charter of role {self.role} does not grant it")
        return access

    def path(self, relative: str) -> Path:
        """A path inside the workspace.

        Raises:
            ToolError: it leads outside, also through a link.
        """
        root = self.workspace.resolve()
        target = (root / relative).resolve()
        if target != root and root not in target.parents:
            raise ToolError(f"{relative} leads outside the workspace")
        return target

    def relative(self, path: Path) -> str:
        """How a path inside the workspace is called in results."""
        return str(path.resolve().relative_to(self.workspace.resolve()))
