"""Which model decides for whom: the file's word, the command line's, the shell's."""

from __future__ import annotations

import fnmatch
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from practicum.api.charter import Can, Charter, LeaseTerms, ModelCan
from practicum.errors import NeedsModelError, UsageError
from practicum.models.registry import ModelRef, parse_model, require_sdk
from practicum.proctor.control import AgentSetup
from practicum.scenarios.conversation.termination import judged_conditions
from practicum.scenarios.loader import Loaded

MODEL_VARIABLE = "PRACTICUM_MODEL"
"""The model of agents that neither the file nor the command line gives one."""

JUDGE, USER = "judge", "user"
"""Who asks models besides the agents; `--model judge=...` names theirs."""

_AFTERWARDS_S = 1800
"""For what is asked when the work is over."""

_GIVE = "give one: --model anthropic/NAME or --model openai/NAME (its key in your shell, or practicum secrets set)"


@dataclass(frozen=True)
class Choice:
    """Models as the command line gives them: for agents by pattern, for judge and user by name."""

    agents: dict[str, str | None]
    """Agent to model; None where a script has to decide."""
    judge: str = ""
    user: str = ""


@dataclass(frozen=True)
class Asked:
    """A model that is asked about the run, or plays the user: who asks, and which names it may use."""

    who: str
    ref: ModelRef
    text: str
    names: tuple[str, ...] = field(default=())
    forced: bool = False
    """The command line says so, whatever the file names."""

    def setup(self, time_s: float) -> AgentSetup:
        """As the proctor is told of it: a lease for this model and nothing else, for as long as the run may take."""
        can, lease = Can(model=ModelCan(names=self.names)), LeaseTerms(ttl=f"{math.ceil(time_s) + _AFTERWARDS_S}s")
        charter = Charter(role=self.who, can=can, lease=lease)
        return AgentSetup(name=self.who, role=self.who, charter=charter, model=str(self.ref))


def choose(loaded: Loaded, given: Sequence[str]) -> Choice:
    """Read `PATTERN=MODEL` options; later ones win. The pattern fits agents and roles, or is `judge` or `user`.

    Raises:
        UsageError: a pattern that fits nobody, or no model.
    """
    members = loaded.scenario.members()
    found: dict[str, str | None] = {name: member.model or None for name, member in members.items()}
    special = {JUDGE: "", USER: ""}
    for entry in given:
        pattern, equals, model = entry.partition("=")
        if not equals or "/" in pattern:
            pattern, model = "*", entry
        parse_model(model)
        if pattern in special and pattern not in members:
            special[pattern] = model
            continue
        hit = [name for name, member in members.items() if _fits(pattern, name, member.role)]
        if not hit and not (pattern == "*" and not members):
            raise UsageError(
                f"--model {entry}: no agent fits {pattern!r}",
                hint=f"agents: {', '.join(members) or 'none'}; besides them: {JUDGE}, {USER}",
            )
        if not members:
            special[JUDGE] = special[JUDGE] or model
        found.update(dict.fromkeys(hit, model))
    default = os.environ.get(MODEL_VARIABLE, "")
    if default and not loaded.teams():
        parse_model(default)
        found = {name: model or default for name, model in found.items()}
    return Choice(found, special[JUDGE], special[USER])


def needs_model(loaded: Loaded, what: str) -> NeedsModelError:
    """The refusal of a run that lacks a model."""
    return NeedsModelError(f"{loaded.path}: needs a model: {what}", hint=_GIVE)


def judge_model(loaded: Loaded, choice: Choice, agents: Mapping[str, str]) -> Asked | None:
    """Who answers `llm_judge` and the like: `--model judge=`, the file's, else the first agent's own. None when nothing
    asks.

    Raises:
        NeedsModelError: something asks, and no model is known.
        UsageError: it is no model that can be asked, or an evaluation names one of another vendor.
    """
    asks = [item for item in loaded.every_evaluator() if item.needs_judge]
    conditions = [
        condition
        for step in loaded.scenario.run
        if step.conversation is not None
        for condition in judged_conditions(step.conversation.termination_conditions)
    ]
    if not asks and not conditions:
        return None
    own = next((model for model in agents.values() if parse_model(model).service), "")
    text = choice.judge or loaded.scenario.judge.model or own
    if not text:
        what = asks[0].type if asks else f"the condition {conditions[0].type}"
        raise needs_model(loaded, f"{what} asks one (--model judge=anthropic/NAME)")
    wanted = [str(getattr(item, "model", "")) for item in asks] + [
        item.llm_judge.model for item in conditions if item.llm_judge
    ]
    return _asked(JUDGE, text, wanted)


def user_model(loaded: Loaded, choice: Choice, judge: Asked | None) -> Asked | None:
    """Who plays simulated users: `--model user=`, the file's, else the judge's. None: a script or a persona does.

    Raises:
        UsageError: it is no model that can be asked.
    """
    talks = [step.conversation for step in loaded.scenario.run if step.conversation is not None]
    played = [talk.user_simulator for talk in talks if talk.user_simulator.script is None and talk.max_turns > 1]
    if not played:
        return None
    named = next((settings.model for settings in played if settings.model), "")
    text = choice.user or named or (judge.text if judge else "")
    asked = _asked(USER, text, [settings.model for settings in played]) if text else None
    return replace(asked, forced=bool(choice.user)) if asked is not None else None


def _asked(who: str, text: str, wanted: Sequence[str]) -> Asked:
    ref = parse_model(text)
    if not ref.service:
        raise UsageError(f"--model {who}={text}: a {who} is asked over a vendor's API", hint=_GIVE)
    require_sdk(ref)
    names = [ref.name]
    for name in filter(None, wanted):
        vendor, slash, rest = name.partition("/")
        if slash and vendor in ("anthropic", "openai") and vendor != ref.vendor:
            raise UsageError(
                f"{name}: the {who} of this run is {text}, and one run has one vendor for it",
                hint=f"--model {who}={name} gives it that vendor",
            )
        names.append(rest if slash and vendor == ref.vendor else name)
    return Asked(who, ref, text, tuple(dict.fromkeys(names)))


def _fits(pattern: str, name: str, role: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(role, pattern)
