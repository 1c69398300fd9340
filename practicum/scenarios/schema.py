"""What a scenario file may say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from practicum.bus.address import check_token
from practicum.bus.voices import is_reserved
from practicum.errors import UsageError
from practicum.scenarios.units import dollars, seconds

Seconds = Annotated[float, BeforeValidator(seconds)]
Dollars = Annotated[float, BeforeValidator(dollars)]
Mode = Literal["simulated", "live", "recorded"]

SERVICES = ("github", "slack", "discord", "deploy")


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a name is text: put it in quotes")  # noqa: TRY004 - pydantic takes a ValueError only
    try:
        return check_token(value, "name")
    except UsageError as error:
        raise ValueError("not a name: use letters, digits, '-' and '_', at most 64") from error


Name = Annotated[str, BeforeValidator(_name)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Member(_Part):
    """One agent of the team."""

    role: str
    """A role kit: one that comes along, or `roles/NAME` beside the scenario."""
    model: str = ""
    """Such as `anthropic/NAME`; the team's script for the role when left out."""
    owns_outcome: bool = False
    """Its `finish` ends the run."""
    instructions: str = ""
    """Added to the role's own."""
    temperature: float | None = None
    max_tokens: int | None = None


class Service(_Part):
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


class World(_Part):
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


class Setup(_Part):
    """What is there before the first step."""

    virtual_fs: dict[str, str] = {}
    """Files in the workspace of whoever gets the input: path to text, or to a file beside the scenario (`./...`)."""


class Say(_Part):
    """Somebody outside the team writes in a channel."""

    service: Literal["slack", "discord"]
    channel: Name
    user: Name
    text: str = Field(min_length=1)


class Step(_Part):
    """One thing that happens to the team."""

    input: str = ""
    to: Name | None = None
    say: Say | None = None
    after: str = ""
    """A change to wait for, such as `github.issue.opened`; at once when left out."""

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        if bool(self.input) == (self.say is not None):
            raise ValueError("a step needs either input or say")
        return self


class Limits(_Part):
    """Where the run is stopped."""

    time: Seconds = 600.0
    cost: Dollars | None = None
    turns: int = Field(default=400, gt=0)
    """Of all agents together."""
    events: int = Field(default=200_000, gt=0)
    tokens: int | None = Field(default=None, gt=0)


class Judgment(_Part):
    """How evaluations become a verdict."""

    strategy: Literal["all_pass", "any_pass"] = "all_pass"


def _wrong(keys: tuple[str | int, ...], message: str) -> PydanticCustomError:
    """An error of a check across keys; `keys` is the place that the loader names."""
    return PydanticCustomError("scenario", "{message}", {"message": message, "keys": keys})


class Scenario(_Part):
    """A scenario file, checked."""

    name: Name
    description: str = ""
    team: dict[Name, Member] = Field(min_length=1)
    world: World = World()
    setup: Setup = Setup()
    run: tuple[Step, ...] = Field(min_length=1)
    limits: Limits = Limits()
    evaluations: tuple[dict[str, Any], ...] = ()
    """Each an evaluator's keys; `practicum.scenarios.evaluators` reads them."""
    own_evaluations: tuple[dict[str, Any], ...] = ()
    """Instead of `evaluations` when the user brings a repository or a brief of their own."""
    judgment: Judgment = Judgment()
    requires: tuple[Literal["fs", "net", "pid", "mem", "cpu", "disk", "seccomp"], ...] = ("fs", "net", "pid")
    """What the sandbox must enforce; below that the run is refused."""
    product: str = ""
    """The command that starts the product from its folder, for `practicum serve-product`; `$PORT` is filled in."""

    @model_validator(mode="before")
    @classmethod
    def _one_step_is_a_list(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("run"), dict):
            return {**value, "run": [value["run"]]}
        return value

    @model_validator(mode="after")
    def _names_exist(self) -> Scenario:
        for name in self.team:
            if is_reserved(name):
                raise ValueError(f"team.{name}: that name belongs to a part of Practicum")
        owners = [name for name, member in self.team.items() if member.owns_outcome]
        if len(owners) > 1:
            raise _wrong(("team", owners[1]), f"only one may own the outcome, here do {', '.join(owners)}")
        for index, step in enumerate(self.run):
            if step.to is not None and step.to not in self.team:
                raise _wrong(("run", index, "to"), f"there is no agent {step.to!r}, there are: {', '.join(self.team)}")
            if step.say is not None:
                chat = getattr(self.world, step.say.service)
                if chat is None or step.say.channel not in chat.channels:
                    raise _wrong(("run", index, "say"), f"the world has no channel {step.say.channel!r} there")
        return self

    def roles(self) -> dict[str, str]:
        """Agent to role, in order."""
        return {name: member.role for name, member in self.team.items()}

    def owner(self) -> str | None:
        """Who owns the outcome."""
        return next((name for name, member in self.team.items() if member.owns_outcome), None)


def text_of(value: str, folder: Path) -> str:
    """The text that a value of `files` or `virtual_fs` stands for.

    Raises:
        UsageError: it names a file that is not there, is no text, or lies outside the scenario's folder.
    """
    if not value.startswith("./"):
        return value
    try:
        path = (folder / value).resolve()
        if folder.resolve() not in path.parents:
            raise UsageError(f"{value} lies outside the scenario's folder")
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError, RuntimeError) as error:  # a name with a NUL or too long, a link to itself, no UTF-8
        raise UsageError(f"{value!r} cannot be read: {error}") from error
