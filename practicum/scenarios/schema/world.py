"""The services that a scenario has."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from practicum.scenarios.schema.parts import Name, Part

Mode = Literal["simulated", "live", "recorded"]

SERVICES = ("github", "slack", "discord", "deploy")


class Service(Part):
    """What every service has."""

    mode: Mode = "simulated"
    url: str = ""
    """Live only: another address than the vendor's (for GitHub that of the API)."""


class GitHub(Service):
    """GitHub: the repository that the team works in."""

    repo: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$")
    server_url: str = ""
    """Live only: where git and the pages are, when `url` is not the vendor's."""
    files: dict[str, str] = {}
    """Files of the first commit; a value that begins with `./` names a file beside the scenario."""
    protected: bool = True
    """Changes of the default branch need a reviewed pull request."""
    from_: str = Field(default="", alias="from")
    """An existing repository to begin with: a folder, or a URL that git can clone."""


class Chat(Service):
    """Slack or Discord: the channels that exist."""

    channels: tuple[Name, ...] = ("general",)


class Deploy(Service):
    """The deploy target."""

    app: Name = "app"


class World(Part):
    """The services that the scenario has; one that is not named does not exist."""

    github: GitHub | None = None
    slack: Chat | None = None
    discord: Chat | None = None
    deploy: Deploy | None = None
    clock: Literal["wall"] = "wall"

    def services(self) -> dict[str, Service]:
        """Those that are named."""
        found = {name: getattr(self, name) for name in SERVICES}
        return {name: value for name, value in found.items() if value is not None}
