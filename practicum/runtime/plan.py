"""Everything about a run that is settled before anything starts."""

from __future__ import annotations

import difflib
import fnmatch
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from practicum.agents.kits import RoleKit, load_kit
from practicum.agents.wakes import Wakes
from practicum.api.evaluator import Evaluator
from practicum.bus.event import Provenance
from practicum.errors import InvalidFileError, UsageError
from practicum.models.registry import ModelRef, parse_model, require_sdk
from practicum.models.script import load_scripts
from practicum.proctor.control import AgentSetup, ServiceSetup
from practicum.scenarios.lines import read_yaml
from practicum.scenarios.loader import Loaded, load_scenario
from practicum.scenarios.schema import SERVICES, GitHub

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


@dataclass(frozen=True)
class Planned:
    """One member of the team, settled."""

    name: str
    kit: RoleKit
    model: ModelRef
    model_text: str
    script: Path | None
    wakes: Wakes
    owns_outcome: bool
    instructions: str
    temperature: float | None
    max_tokens: int | None


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
        """The team as the proctor is told of it."""
        return [
            AgentSetup(name=agent.name, role=agent.kit.role, charter=agent.kit.charter, model=str(agent.model))
            for agent in self.agents
        ]

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
        return DEFAULT_BUDGET_USD if any(agent.model.service for agent in self.agents) else None


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


def make_plan(scenario: str, options: Options) -> Plan:
    """Check a scenario and the options against each other.

    Raises:
        UsageError: whatever is wrong with either, with the way to mend it.
    """
    loaded = load_scenario(find_scenario(scenario))
    own = _own_task(loaded, options)
    models = _models(loaded, options.models)
    team = options.team or DEFAULT_TEAM
    scripts: dict[str, object] = {}
    script_file: Path | None = None
    if any(model is None or model.startswith("script/") for model in models.values()):
        if own:
            missing = ", ".join(name for name, model in models.items() if model is None or model.startswith("script/"))
            raise UsageError(
                f"{own} needs agents that can read: scripts know only this scenario's own brief (left: {missing})",
                hint="add --model '*=anthropic/NAME' or --model '*=openai/NAME'",
            )
        script_file = loaded.team_file(team)
        scripts = dict(load_scripts(script_file))
    elif options.team:
        raise UsageError(f"--team {options.team} has no effect: every agent has a model", hint="leave one of them out")
    agents = tuple(_member(loaded, name, models[name], script_file, scripts) for name in loaded.scenario.team)
    services = _services(loaded, options, agents)
    settings: dict[str, object] = {}
    world = loaded.scenario.world
    if world.github is not None:
        settings["repo"] = world.github.repo
    if world.deploy is not None:
        settings["app"] = world.deploy.app
    return Plan(loaded, options, team if script_file else "", agents, services, settings=settings)


def _own_task(loaded: Loaded, options: Options) -> str:
    """Which of the user's own the run is about; empty for the scenario's."""
    if options.brief is not None and not options.brief.is_file():
        raise UsageError(f"{options.brief}: no such file", hint="--brief names a text file that says what to build")
    if options.repo and loaded.scenario.world.github is None:
        raise UsageError(f"{loaded.scenario.name} has no repository", hint="leave --repo out")
    return " and ".join(
        part for part, given in (("--repo", options.repo), ("--brief", options.brief is not None)) if given
    )


def _models(loaded: Loaded, given: Sequence[str]) -> dict[str, str | None]:
    """Agent to model; None where the team's script decides. Later options win."""
    found: dict[str, str | None] = {name: member.model or None for name, member in loaded.scenario.team.items()}
    for entry in given:
        pattern, equals, model = entry.partition("=")
        if not equals or "/" in pattern:
            pattern, model = "*", entry
        parse_model(model)
        hit = [name for name, member in loaded.scenario.team.items() if _fits(pattern, name, member.role)]
        if not hit:
            raise UsageError(
                f"--model {entry}: no agent fits {pattern!r}", hint=f"agents: {', '.join(loaded.scenario.team)}"
            )
        found.update(dict.fromkeys(hit, model))
    return found


def _fits(pattern: str, name: str, role: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(role, pattern)


def _member(
    loaded: Loaded, name: str, model: str | None, script_file: Path | None, scripts: Mapping[str, object]
) -> Planned:
    member = loaded.scenario.team[name]
    try:
        kit = load_kit(member.role, loaded.folder)
    except InvalidFileError:
        raise  # its own charter's place
    except UsageError as error:
        raise read_yaml(loaded.path).error(("team", name, "role"), error.message, error.hint) from error
    text = model or f"script/{name if name in scripts else member.role}"
    ref = parse_model(text)
    require_sdk(ref)
    if ref.vendor == "script" and ref.name not in scripts:
        raise UsageError(
            f"{script_file}: no script for {name}: neither {name!r} nor {member.role!r}",
            hint=f"it defines: {', '.join(sorted(scripts)) or 'none'}",
        )
    if ref.vendor == "human":
        raise UsageError(
            f"{text}: an agent's process has no terminal of its own yet", hint="give this agent a model or a script"
        )
    if ref.vendor == "replay":
        raise UsageError(f"{text}: a recorded run is driven by practicum replay", hint=f"practicum replay {ref.name}")
    return Planned(
        name=name,
        kit=kit,
        model=ref,
        model_text=text,
        script=script_file if ref.vendor == "script" else None,
        wakes=Wakes.parse(name, kit.wakes_on),
        owns_outcome=member.owns_outcome,
        instructions=member.instructions,
        temperature=member.temperature,
        max_tokens=member.max_tokens,
    )


def _services(loaded: Loaded, options: Options, agents: Sequence[Planned]) -> dict[str, ServiceSetup]:
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
    for agent in agents:
        if agent.model.service:
            found[agent.model.service] = ServiceSetup(mode="live")
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
