"""What an agent's host is told when it starts: one line of JSON over the socket it inherits."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ServiceAccess(_Part):
    """A lease, as its agent gets it. The token is the lease, never a real credential."""

    id: str
    token: str
    url: str
    git_url: str = ""
    login: str
    name: str
    email: str
    expires: datetime


class BusAccess(_Part):
    """How the agent reaches the bus, and as whom."""

    url: str
    jwt: str
    seed: str
    stream: str
    consumer: str


class ProgramStart(_Part):
    """A program of the user's own that takes the place of the model."""

    argv: tuple[str, ...]
    protocol: Literal["stdio", "text", "mcp", "a2a"]
    tools: Literal["none", "mcp"] = "none"
    """How it is offered the agent's tools."""
    env: dict[str, str] = {}
    model: str = ""
    """Name of the model that its lease allows; empty without one."""
    timeout: float = 600.0
    """Seconds for one answer."""


class Boot(_Part):
    """Everything an agent's host knows."""

    run: str
    agent: str
    role: str
    team: dict[str, str]
    """Agent to role, in the scenario's order."""
    system: str
    """The system prompt."""
    model: str
    script: str = ""
    """Path of the file that defines the script, for `script/...` models."""
    wakes_on: tuple[str, ...]
    tools: tuple[str, ...]
    """Services whose tools the agent has; those without a service are always there."""
    services: dict[str, ServiceAccess]
    bus: BusAccess
    workspace: str
    settings: dict[str, Any] = {}
    turns: int = 200
    requests: int = 1000
    temperature: float | None = None
    max_tokens: int | None = None
    provenance: str = "simulated"
    program: ProgramStart | None = None
    """Set for `process/...`: what is started and asked in a model's place."""
