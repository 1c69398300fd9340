"""A scenario file as a whole."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from practicum.bus.voices import is_reserved
from practicum.scenarios.schema.environment import Environment, Setup
from practicum.scenarios.schema.parts import Dollars, Name, Part, Seconds, wrong
from practicum.scenarios.schema.plugins import Plugin
from practicum.scenarios.schema.steps import Step
from practicum.scenarios.schema.world import World

GENERAL = "general"
"""The role of the one agent of a scenario that names no team."""

ONLY_AGENT = "agent"
"""Its name."""


def _title(value: str) -> str:
    if not value.strip() or any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise ValueError("a name is one line of text")
    return value.strip()


Title = Annotated[str, Field(max_length=200), AfterValidator(_title)]


class ModelSettings(Part):
    """How an agent's model is asked."""

    model: str = ""
    """Such as `anthropic/NAME`; the team's script for the role when left out."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, gt=0)


class Member(ModelSettings):
    """One agent of the team."""

    role: str
    """A role kit: one that comes along, or `roles/NAME` beside the scenario."""
    owns_outcome: bool = False
    """Its `finish` ends the run."""
    instructions: str = ""
    """Added to the role's own."""
    process: tuple[str, ...] = ()
    """A program of your own that takes the role, started in the sandbox: its command and arguments."""
    protocol: Literal["stdio", "text", "mcp", "a2a"] = "stdio"
    """How it is spoken to."""
    tools: Literal["none", "mcp"] = "none"
    """How it is offered the tools of its role; with the protocol `mcp` it always is."""
    timeout: Seconds = 600.0
    """How long it may take for one answer."""
    mounts: tuple[str, ...] = ()
    """Further files and folders that it may read, beside the scenario or by full path."""
    env: dict[str, str] = {}
    """Its environment, besides base URLs and leases: no secrets, they stand in the file."""

    @model_validator(mode="before")
    @classmethod
    def _a_command_line(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("process"), str):
            import shlex

            try:
                value = {**value, "process": tuple(shlex.split(value["process"]))}
            except ValueError as error:
                raise wrong(("process",), f"not a command line: {error}") from error
        if isinstance(value, dict) and value.get("process") in ([], ()):
            raise wrong(("process",), "no command: write such as [python3, agent.py], or leave it out")
        return value


class Character(ModelSettings):
    """The one agent of a scenario without a team."""

    name: str = ""
    """How it is addressed in its instructions."""
    instructions: str = ""
    system: str = ""
    """The same, as older files write it."""
    bio: str | tuple[str, ...] = ()
    role: str = GENERAL

    def words(self) -> str:
        """Who the agent is, for its system prompt."""
        bio = self.bio if isinstance(self.bio, str) else "\n".join(self.bio)
        called = f"Your name is {self.name}." if self.name else ""
        return "\n\n".join(part for part in (called, bio, self.system, self.instructions) if part)


class JudgeSettings(Part):
    """The model behind `llm_judge`."""

    model: str = ""
    """`--model judge=...` else; the agent's own when neither is given, and that is flagged."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    timeout: Seconds = 60.0
    repeat: int = Field(default=1, ge=1, le=25)
    """How often each question is asked; the majority counts and the agreement is reported."""


class Limits(Part):
    """Where the run is stopped."""

    time: Seconds = 600.0
    cost: Dollars | None = None
    turns: int = Field(default=400, gt=0)
    """Of all agents together."""
    events: int = Field(default=200_000, gt=0)
    tokens: int | None = Field(default=None, gt=0)


Strategy = Literal["all_pass", "any_pass", "majority_pass", "weighted", "threshold"]


class Judgment(Part):
    """How evaluations become a verdict."""

    strategy: Strategy = "all_pass"
    threshold: float | None = Field(default=None, ge=0, le=1)
    """`weighted` and `threshold`: the share (of weight, of evaluations) that must pass. 0.5 and 0.8 when left out."""


class Scenario(Part):
    """A scenario file, checked."""

    name: Title
    description: str = ""
    team: dict[Name, Member] = {}
    """Empty: one general agent where a step needs one."""
    character: Character | None = None
    plugins: tuple[Plugin, ...] = ()
    world: World = World()
    environment: Environment = Environment()
    setup: Setup = Setup()
    run: tuple[Step, ...] = Field(min_length=1)
    limits: Limits = Limits()
    evaluations: tuple[dict[str, Any], ...] = ()
    """Each an evaluator's keys; `practicum.scenarios.evaluators` reads them."""
    own_evaluations: tuple[dict[str, Any], ...] = ()
    """Instead of `evaluations` when the user brings a repository or a brief of their own."""
    judge: JudgeSettings = JudgeSettings()
    judgment: Judgment = Judgment()
    seed: int = 0
    """Of everything that is left to chance: failing mocks, simulated users."""
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
    def _plugins_once(self) -> Scenario:
        seen: set[str] = set()
        for index, plugin in enumerate(self.plugins):
            if plugin.name in seen:
                raise wrong(("plugins", index), f"{plugin.name!r} stands here twice")
            seen.add(plugin.name)
        return self

    @model_validator(mode="after")
    def _names_exist(self) -> Scenario:
        for name in self.team:
            if is_reserved(name) or name == "user":
                raise wrong(("team", name), "that name belongs to a part of Practicum")
        if self.team and self.character is not None:
            raise wrong(("character",), "is for a scenario without a team: give its members instructions instead")
        owners = [name for name, member in self.team.items() if member.owns_outcome]
        if len(owners) > 1:
            raise wrong(("team", owners[1]), f"only one may own the outcome, here do {', '.join(owners)}")
        members = self.members()
        for index, step in enumerate(self.run):
            if step.to is not None and step.to not in members:
                raise wrong(("run", index, "to"), f"there is no agent {step.to!r}, there are: {', '.join(members)}")
            if step.say is not None:
                chat = getattr(self.world, step.say.service)
                if chat is None or step.say.channel not in chat.channels:
                    raise wrong(("run", index, "say"), f"the world has no channel {step.say.channel!r} there")
        return self

    def members(self) -> dict[str, Member]:
        """The team: the one that is named, or one general agent where some step needs one; empty for code alone."""
        if self.team:
            return self.team
        if all(step.kind == "code" for step in self.run):
            return {}
        given = self.character or Character()
        only = Member(
            role=given.role,
            model=given.model,
            temperature=given.temperature,
            max_tokens=given.max_tokens,
            instructions=given.words(),
        )
        return {ONLY_AGENT: only}

    def roles(self) -> dict[str, str]:
        """Agent to role, in order."""
        return {name: member.role for name, member in self.members().items()}

    def owner(self) -> str | None:
        """Who owns the outcome."""
        return next((name for name, member in self.team.items() if member.owns_outcome), None)

    def receiver(self, step: Step) -> str:
        """Who gets a step's input: its `to`, else the first of the team; empty when there is no agent."""
        return step.to or next(iter(self.members()), "")
