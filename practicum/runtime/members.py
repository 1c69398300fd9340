"""Each member of the team, settled: its role, and what decides for it, a model, a script or a program of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from practicum.agents.kits import RoleKit, load_kit
from practicum.agents.wakes import Wakes
from practicum.errors import InvalidFileError, MissingExtraError, UsageError
from practicum.models.registry import ModelRef, parse_model, require_sdk
from practicum.models.script import BUILT_IN
from practicum.scenarios.lines import read_yaml
from practicum.scenarios.loader import Loaded
from practicum.scenarios.schema import GENERAL, SERVICES, Member, Scenario

if TYPE_CHECKING:
    from practicum.runtime.programs import PlannedProgram


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
    program: PlannedProgram | None = None
    """What decides in a model's place; `model` is then the one that it may ask."""


def is_script(model: str | None, team: str) -> bool:
    """Whether a script decides for a member that has a program: the command line names a team, or that script."""
    return bool(team) or (model or "").startswith("script/")


def model_of(member: Member, model: str | None, team: str) -> str | None:
    """A named team's scripts stand in for programs too, whatever model those may ask."""
    return None if member.process and team and not (model or "").startswith("script/") else model


def _kit(loaded: Loaded, name: str) -> RoleKit:
    member = loaded.scenario.members()[name]
    try:
        kit = load_kit(member.role, loaded.folder)
    except InvalidFileError:
        raise  # its own charter's place
    except UsageError as error:
        raise read_yaml(loaded.path).error(("team", name, "role"), error.message, error.hint) from error
    return _within(kit, loaded.scenario) if member.role == GENERAL else kit


def plan_program_of(loaded: Loaded, name: str, model: str | None, env_file: Path | None) -> Planned:
    """A member whose part a program of the user's takes; `model` is the one that its lease allows.

    Raises:
        UsageError: no such role or program, or a model that no program can ask.
        MissingExtraError: the protocol's SDK is not installed.
    """
    from practicum.runtime.programs import plan_program  # with the vault's places, which few runs need

    member, kit = loaded.scenario.members()[name], _kit(loaded, name)
    ref = parse_model(model) if model else None
    if ref is not None and not ref.service:
        raise UsageError(
            f"{name}: {model} is no model that a program can ask", hint="anthropic/NAME, openai/NAME, or none at all"
        )
    try:
        program = plan_program(member, ref, loaded.folder, env_file)
    except MissingExtraError:
        raise
    except UsageError as error:
        raise read_yaml(loaded.path).error(("team", name, "process"), error.message, error.hint) from error
    return Planned(
        name=name,
        kit=kit,
        model=ref or parse_model(program.name),
        model_text=program.name,
        script=None,
        wakes=Wakes.parse(name, kit.wakes_on),
        owns_outcome=member.owns_outcome,
        instructions=member.instructions,
        temperature=member.temperature,
        max_tokens=member.max_tokens,
        program=program,
    )


def plan_member(
    loaded: Loaded, name: str, model: str | None, script_file: Path | None, scripts: Mapping[str, object]
) -> Planned:
    """A member for which a model decides, or a script of the team where `model` is None.

    Raises:
        UsageError: no such role, model or script; or a model that no agent's process can ask.
        MissingExtraError: the vendor's SDK is not installed.
    """
    member, kit = loaded.scenario.members()[name], _kit(loaded, name)
    text = model or f"script/{name if name in scripts else member.role}"
    ref = parse_model(text)
    require_sdk(ref)
    if ref.vendor == "script" and ref.name not in scripts and ref.name not in BUILT_IN:
        raise UsageError(
            f"{script_file}: no script for {name}: neither {name!r} nor {member.role!r}",
            hint=f"it defines: {', '.join(sorted(scripts)) or 'none'}",
        )
    if ref.vendor == "human":
        raise UsageError(
            f"{text}: an agent's process has no terminal of its own yet", hint="give this agent a model or a script"
        )
    if ref.vendor == "process":
        raise UsageError(
            f"{text}: a program's command stands in its scenario", hint=f"team: {{{name}: {{process: [...]}}}}"
        )
    if ref.vendor == "replay":
        raise UsageError(f"{text}: a recorded run is driven by practicum replay", hint=f"practicum replay {ref.name}")
    return Planned(
        name=name,
        kit=kit,
        model=ref,
        model_text=text,
        script=script_file if ref.vendor == "script" and ref.name in scripts else None,
        wakes=Wakes.parse(name, kit.wakes_on),
        owns_outcome=member.owns_outcome,
        instructions=member.instructions,
        temperature=member.temperature,
        max_tokens=member.max_tokens,
    )


def _within(kit: RoleKit, scenario: Scenario) -> RoleKit:
    """The general role has whatever the scenario has, and names nothing else."""
    absent = dict.fromkeys(set(SERVICES) - set(scenario.world.services()))
    can = kit.charter.can.model_copy(update=absent)
    cannot = {name: acts for name, acts in kit.charter.cannot.items() if name not in absent}
    return replace(kit, charter=kit.charter.model_copy(update={"can": can, "cannot": cannot}))
