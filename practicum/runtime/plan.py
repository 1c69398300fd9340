"""Everything about a run that is settled before anything starts."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from practicum.api.evaluator import Evaluator
from practicum.bus.event import Provenance
from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.models.registry import ModelRef
from practicum.models.script import BUILT_IN, load_scripts
from practicum.proctor.control import AgentSetup, ServiceSetup
from practicum.runtime.members import Planned, is_script, model_of, plan_member, plan_program_of
from practicum.runtime.models import Asked, choose, judge_model, needs_model, user_model
from practicum.scenarios.loader import Loaded, load_scenario
from practicum.scenarios.schema import SERVICES, GitHub, Scenario, Setup

DEFAULT_TEAM = "oracle"
DEFAULT_BUDGET_USD = 5.0
"""For model calls of a run whose scenario names no cost."""

LIVE_ADDRESSES = {
    "github": "GITHUB_API_URL",
    "slack": "SLACK_API_URL",
    "discord": "DISCORD_API_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "openai": "OPENAI_BASE_URL",
}
"""Where a live service is, when it is not at its vendor's address; the names that the vendors' own tools use."""


@dataclass(frozen=True)
class Options:
    """What the command line adds to a scenario."""

    team: str = ""
    models: tuple[str, ...] = ()
    """Each `PATTERN=MODEL`, or `MODEL` for all."""
    live: tuple[str, ...] = ()
    env_file: Path | None = None
    bus: str = ""
    repo: str = ""
    brief: Path | None = None
    sandbox: str = "auto"
    time_s: float | None = None
    cost_usd: float | None = None
    environment: str = ""
    """Overrides the file's: `local`, `sandbox`, `docker`, `e2b`, or an installed provider's name."""
    strict: bool = False
    """Unknown keys and evaluations that show nothing are errors."""
    unjudged: bool = False
    """No model is asked about the run: evaluations that need one could not look. For finding out what an idle team
    satisfies.
    """
    allow_weak: bool = False
    """Text checks that the user's own words satisfy count all the same."""


@dataclass(frozen=True)
class Plan:
    """A run that can start."""

    loaded: Loaded
    options: Options
    team: str
    agents: tuple[Planned, ...]
    services: dict[str, ServiceSetup]
    notes: tuple[str, ...] = ()
    settings: dict[str, object] = field(default_factory=dict)
    judge: Asked | None = None
    """Who answers evaluations that ask a model."""
    user: Asked | None = None
    """Who plays simulated users; None where scripts and personas do."""
    trial: int = 1
    parameters: dict[str, Json] = field(default_factory=dict)
    """Of a matrix: key path to value."""

    @property
    def roles(self) -> dict[str, str]:
        """Agent to role."""
        return {agent.name: agent.kit.role for agent in self.agents}

    @property
    def modes(self) -> dict[str, str]:
        """Service of the scenario to mode."""
        return {name: setup.mode for name, setup in self.services.items() if name in SERVICES}

    @property
    def provenance(self) -> Provenance:
        """`live` as soon as one service is."""
        return "live" if "live" in self.modes.values() else "simulated"

    def setups(self) -> list[AgentSetup]:
        """The team as the proctor is told of it, and who else asks models."""
        team = [
            AgentSetup(name=agent.name, role=agent.kit.role, charter=agent.kit.charter, model=str(agent.model))
            for agent in self.agents
        ]
        return team + [asked.setup(self.time_s) for asked in (self.judge, self.user) if asked is not None]

    def grantable(self) -> dict[str, list[str]]:
        """What the scenario has, by service; no charter gets more."""
        world = self.loaded.scenario.world
        found: dict[str, list[str]] = {}
        if world.github is not None:
            found["github"] = [world.github.repo]
        if world.slack is not None:
            found["slack"] = list(world.slack.channels)
        if world.discord is not None:
            found["discord"] = list(world.discord.channels)
        if world.deploy is not None:
            found["deploy"] = [world.deploy.app]
        return found

    @property
    def evaluators(self) -> tuple[Evaluator, ...]:
        """The scenario's, or the generic ones when the user brings the task."""
        own = self.options.repo or self.options.brief
        return self.loaded.own_evaluators if own else self.loaded.evaluators

    def task_suffix(self) -> str:
        """Added to every input: the user's brief."""
        return f"\n\n{self.options.brief.read_text()}" if self.options.brief else ""

    @property
    def budget_usd(self) -> float | None:
        """What model calls may cost; None when no model costs anything."""
        if self.options.cost_usd is not None:
            return self.options.cost_usd
        if self.loaded.scenario.limits.cost is not None:
            return self.loaded.scenario.limits.cost
        asks = any(agent.model.service for agent in self.agents) or self.judge is not None or self.user is not None
        return DEFAULT_BUDGET_USD if asks else None

    @property
    def time_s(self) -> float:
        """How long the run may take."""
        return self.options.time_s or self.loaded.scenario.limits.time

    def described(self) -> dict[str, object]:
        """What a verdict says of the plan."""
        scenario = self.loaded.scenario
        return {
            "scenario": scenario.name,
            "description": scenario.description,
            "scenario_file": str(self.loaded.path),
            "strategy": scenario.judgment.strategy,
            "environment": self.environment,
            "team": self.team,
            "services": self.modes,
            "notes": list(self.notes),
            "parameters": self.parameters,
            "trial": self.trial,
        }

    @property
    def environment(self) -> str:
        """Where code steps and commands run."""
        return self.options.environment or self.loaded.scenario.environment.type

    @property
    def setup(self) -> Setup:
        """What is there before the first step. With `--live` alone nothing is seeded but files."""
        setup = self.loaded.scenario.setup
        return setup.model_copy(update={"db_seed": None}) if "all" in self.options.live else setup

    @property
    def is_code_alone(self) -> bool:
        """Whether nobody has to be started: no agent, no service, no model. Such a run is quick."""
        return not self.agents and self.judge is None and not self.services


def library() -> Path:
    """The scenarios that come along: beside the package in a checkout, inside it in a wheel."""
    inside = Path(str(resources.files("practicum") / "_library"))
    return inside if inside.is_dir() else Path(str(resources.files("practicum"))).parent / "scenarios"


def find_scenario(name: str) -> Path:
    """A scenario's file, by path, by folder, or by the name of one that comes along.

    Raises:
        UsageError: there is none.
    """
    path = Path(name)
    if path.is_dir() and (path / "scenario.yaml").is_file():
        return path / "scenario.yaml"
    if path.is_file():
        return path
    if "/" not in name and (found := library() / name / "scenario.yaml").is_file():
        return found
    known = sorted(item.parent.name for item in library().glob("*/scenario.yaml"))
    close = difflib.get_close_matches(name, known, 1)
    first = f'did you mean "{close[0]}"? ' if close else ""
    raise UsageError(f"{name}: no such scenario", hint=f"{first}give a file, or one of: {', '.join(known)}")


def make_plan(
    scenario: str,
    options: Options,
    *,
    value: dict[str, Any] | None = None,
    trial: int = 1,
    parameters: dict[str, Json] | None = None,
) -> Plan:
    """Check a scenario and the options against each other.

    `value`, `trial` and `parameters` are for one run of many: what the file says with a matrix's values in it.

    Raises:
        UsageError: whatever is wrong with either, with the way to mend it.
        NeedsModelError: an agent, a judge or a user has to be played by a model, and none is given.
    """
    loaded = load_scenario(find_scenario(scenario), value=value, strict=options.strict)
    own = _own_task(loaded, options)
    choice = choose(loaded, options.models)
    members = loaded.scenario.members()
    models = {name: model_of(members[name], model, options.team) for name, model in choice.agents.items()}
    programs = {name for name, model in models.items() if members[name].process and not is_script(model, options.team)}
    team = options.team or DEFAULT_TEAM
    scripts: dict[str, object] = {}
    script_file: Path | None = None
    built_in = {f"script/{name}" for name in BUILT_IN}
    decided = [(name, model) for name, model in models.items() if name not in programs]
    if any(model is None or (model.startswith("script/") and model not in built_in) for _, model in decided):
        if own:
            missing = ", ".join(name for name, model in decided if model is None or model.startswith("script/"))
            raise UsageError(
                f"{own} needs agents that can read: scripts know only this scenario's own brief (left: {missing})",
                hint="add --model '*=anthropic/NAME' or --model '*=openai/NAME'",
            )
        if not options.team and not loaded.teams():
            raise needs_model(loaded, _what_needs_it(loaded.scenario))
        script_file = loaded.team_file(team)
        scripts = dict(load_scripts(script_file))
    elif options.team:
        why = "every agent has a model" if models else "the scenario has no agent"
        raise UsageError(f"--team {options.team} has no effect: {why}", hint="leave one of them out")
    if options.bus and not models:
        raise UsageError(f"--bus {options.bus} has no effect: code alone needs no bus", hint="leave it out")
    agents = tuple(
        plan_program_of(loaded, name, models[name], options.env_file)
        if name in programs
        else plan_member(loaded, name, models[name], script_file, scripts)
        for name in models
    )
    judge = None if options.unjudged else judge_model(loaded, choice, {a.name: a.model_text for a in agents})
    user = None if options.unjudged else user_model(loaded, choice, judge)
    services = _services(loaded, options, [*(agent.model for agent in agents), *(a.ref for a in (judge, user) if a)])
    settings: dict[str, object] = {"seed": loaded.scenario.seed + trial - 1}
    world = loaded.scenario.world
    if world.github is not None:
        settings["repo"] = world.github.repo
    if world.deploy is not None:
        settings["app"] = world.deploy.app
    plugins = [plugin.model_dump(exclude={"enabled"}) for plugin in loaded.scenario.plugins if plugin.enabled]
    if plugins:
        settings["plugins"] = plugins
    return Plan(
        loaded,
        options,
        team if script_file else "",
        agents,
        services,
        tuple(str(note) for note in loaded.notes),
        settings,
        judge,
        user,
        trial,
        parameters or {},
    )


def _what_needs_it(scenario: Scenario) -> str:
    index, step = next((index, step) for index, step in enumerate(scenario.run) if step.kind != "code")
    return f"run[{index}]{f' ({step.name})' if step.name else ''} speaks to {scenario.receiver(step)}"


def _own_task(loaded: Loaded, options: Options) -> str:
    """Which of the user's own the run is about; empty for the scenario's."""
    if options.brief is not None and not options.brief.is_file():
        raise UsageError(f"{options.brief}: no such file", hint="--brief names a text file that says what to build")
    if options.repo and loaded.scenario.world.github is None:
        raise UsageError(f"{loaded.scenario.name} has no repository", hint="leave --repo out")
    return " and ".join(
        part for part, given in (("--repo", options.repo), ("--brief", options.brief is not None)) if given
    )


def _services(loaded: Loaded, options: Options, models: Sequence[ModelRef]) -> dict[str, ServiceSetup]:
    present = loaded.scenario.world.services()
    wanted = set(present) if "all" in options.live else set(options.live)
    for name in wanted - set(present):
        close = difflib.get_close_matches(name, list(present), 1)
        first = f'did you mean "{close[0]}"? ' if close else ""
        raise UsageError(
            f"--live {name}: the scenario has no such service", hint=f"{first}it has: {', '.join(present)}"
        )
    if "all" in options.live:
        wanted.discard("deploy")  # the deploy target is ours; there is no vendor to go to
    found: dict[str, ServiceSetup] = {}
    for name, service in present.items():
        mode = "live" if name in wanted else service.mode
        if mode == "recorded":
            raise UsageError(
                f"{loaded.path}: world.{name}.mode: recorded", hint="practicum replay RUN answers from a record"
            )
        if mode == "live" and name == "deploy":
            raise UsageError("the deploy target cannot be live: it is Practicum's own", hint="leave it simulated")
        setup = ServiceSetup(mode=mode, url=service.url if mode == "live" else "")
        if mode == "live" and isinstance(service, GitHub):
            setup.server_url = service.server_url
        found[name] = setup
    for model in models:
        if model.service:
            found[model.service] = ServiceSetup(mode="live")
    addresses = _addresses(options)
    for name, setup in found.items():
        if setup.mode == "live" and not setup.url:
            setup.url = addresses.get(LIVE_ADDRESSES[name], "")
        if setup.mode == "live" and name == "github" and not setup.server_url:
            setup.server_url = addresses.get("GITHUB_SERVER_URL", "")
    return found


def _addresses(options: Options) -> dict[str, str]:
    """Addresses, no secrets, from the environment file, else the shell. The keys in it are the proctor's business."""
    names = {*LIVE_ADDRESSES.values(), "GITHUB_SERVER_URL"}
    if options.env_file is None:
        return {name: os.environ[name] for name in names if name in os.environ}
    if not options.env_file.is_file():
        raise UsageError(f"{options.env_file}: no such file", hint="--env-file names a file of NAME=VALUE lines")
    found = {}
    for line in options.env_file.read_text(errors="replace").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name.strip() in names:
            found[name.strip()] = value.strip().strip("'\"")
    return found
