"""Charters: what a role may do. One policy; the proctor compiles it into three walls."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["read", "write"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GitHubCan(_Strict):
    """GitHub: which repositories, with which fine-grained permissions."""

    repos: tuple[str, ...] = ()
    """`owner/name`; `{{ world.github.repo }}` is filled in from the scenario."""
    permissions: dict[str, Level] = {}
    """GitHub's names: contents, issues, pull_requests, checks, statuses, actions, workflows, metadata, administration,
    deployments, webhooks (repository_hooks)."""


class SlackCan(_Strict):
    """Slack: which channels, with which actions."""

    channels: tuple[str, ...] = ()
    """Names without `#`; `*` for all of the scenario's."""
    actions: tuple[Literal["read", "post", "react", "edit", "delete", "files", "manage"], ...] = ()


class DiscordCan(_Strict):
    """Discord: which channels, with which actions."""

    channels: tuple[str, ...] = ()
    actions: tuple[Literal["read", "post", "react", "edit", "delete", "files", "manage"], ...] = ()


class DeployCan(_Strict):
    """The deploy target."""

    actions: tuple[Literal["read", "deploy", "probe", "rollback", "stop"], ...] = ()


class ModelCan(_Strict):
    """Language models through the gateway."""

    budget: str | None = None
    """Such as `$1`."""
    calls: int | None = None
    names: tuple[str, ...] = ()
    """Model names; empty means the one that the agent was given."""


class ShellCan(_Strict):
    """Executing commands in a sandbox."""

    memory: str = "512M"
    time: str = "60s"
    network: Literal["none"] = "none"


class Can(_Strict):
    """The services that a role may use."""

    github: GitHubCan | None = None
    slack: SlackCan | None = None
    discord: DiscordCan | None = None
    deploy: DeployCan | None = None
    model: ModelCan | None = None
    shell: ShellCan | None = None


class LeaseTerms(_Strict):
    """How long and how much."""

    ttl: str = "15m"
    max_calls: int | None = None
    rate: str | None = None
    """Such as `10/s` or `600/m`."""


class Charter(_Strict):
    """The policy of one role. `cannot` names acts that stay forbidden although a permission would allow them."""

    role: str
    can: Can = Can()
    cannot: dict[str, dict[str, bool]] = {}
    """Service to named acts, such as `github: {merge: true}`. Known acts: github merge, approve, release.create,
    branch.delete, force_push, push_default; slack channel.create; discord channel.create; deploy deploy, rollback."""
    approval: tuple[str, ...] = ()
    """Acts that wait for a person, such as `github.release.create`."""
    lease: LeaseTerms = Field(default_factory=LeaseTerms)
