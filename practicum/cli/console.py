"""What `practicum run` shows while it runs and when it ends."""

from __future__ import annotations

import shlex
from datetime import datetime

from practicum.bus.event import Event
from practicum.cli.running import paint, say
from practicum.monitor.narrate import Told, narrate
from practicum.runtime.places import RunFolder
from practicum.runtime.plan import Plan
from practicum.scenarios.verdict import Verdict
from practicum.text import printable

_COLOURS = ("cyan", "green", "yellow", "blue", "magenta")
_WORDS = {"passed": "green", "failed": "red"}


def tell(told: Told, colours: dict[str, str], width: int = 9) -> str:
    """One line of a run's story."""
    colour = colours.setdefault(told.who, _COLOURS[len(colours) % len(_COLOURS)])
    text = paint(told.what, "red") if told.weight == 3 else paint(told.what, "dim") if told.weight == 1 else told.what
    return f"  {told.at:04.1f}  {paint(f'{told.who:<{width - 1}}', colour)} {text}"


class Console:
    """Writes on stdout; colours only on a terminal."""

    def __init__(self, *, quiet: bool = False, json: bool = False) -> None:
        self._quiet, self._json = quiet, json
        self._start: datetime | None = None
        self._colours: dict[str, str] = {}
        self._width = 9

    def header(self, version: str, plan: Plan, folder: RunFolder) -> None:
        """The first two lines, before anything has started."""
        if self._quiet:
            return
        modes: dict[str, list[str]] = {}
        for service, mode in plan.modes.items():
            modes.setdefault(mode, []).append(service)
        services = "  ".join(f"{mode}: {' '.join(names)}" for mode, names in modes.items())
        name = plan.loaded.scenario.name
        team = f"  team {plan.team}" if plan.team and plan.team != "oracle" else ""
        count = f"{len(plan.agents)} agent{'' if len(plan.agents) == 1 else 's'}" if plan.agents else "code alone"
        where = f"  environment: {plan.environment}" if plan.loaded.scenario.environment.model_fields_set else ""
        say(f"practicum {version}  {paint(printable(name), 'bold')}{team}  {count}{where}  {services}".rstrip())
        for note in plan.notes:
            self.note(note)
        say(f"run {folder.run}  watch it: practicum watch {folder.run}\n")
        self._width = max(9, *(len(agent.name) + 2 for agent in plan.agents), 0)

    def note(self, text: str) -> None:
        """Something that the user should know, such as the default budget."""
        if not self._quiet:
            say(f"  {paint(printable(text), 'yellow')}")

    def event(self, event: Event, seq: int) -> None:
        """Tell an event, if it is part of the story."""
        if self._start is None:
            self._start = event.time
            isolation = getattr(event.data, "isolation", None)
            if isolation and not self._quiet:
                held = " ".join(key for key, value in isolation.items() if value == "enforced")
                word = f"isolation: {isolation['tier']} ({held or 'nothing enforced'})"
                say(f"  {paint(word, 'dim' if held else 'red')}")
        if self._quiet:
            return
        told = narrate(event, self._start)
        if told is not None and told.weight >= 2:
            say(tell(told, self._colours, self._width))

    def verdict(self, verdict: Verdict, folder: RunFolder, plan: Plan) -> None:
        """The result, what is missing, where to look, what to try."""
        if self._json:
            say(verdict.model_dump_json(indent=1))
            return
        passed = sum(item.outcome == "passed" for item in verdict.evaluations)
        word = paint(verdict.outcome.upper(), _WORDS.get(verdict.outcome, "yellow"), "bold")
        counted = f"   {passed} of {len(verdict.evaluations)} evaluations" if verdict.evaluations else ""
        say(f"\n{word}  in {verdict.seconds:.1f} s{counted}")
        if verdict.outcome not in ("passed", "failed"):
            say(f"  {printable(verdict.reason)}")
        width = max((len(item.evaluator) for item in verdict.evaluations), default=0) + 2
        for item in verdict.evaluations:
            if item.outcome != "passed" or not item.counts:
                place = f"step {item.step + 1}  " if item.step is not None and len(verdict.steps) > 1 else ""
                say(f"  {item.evaluator:<{width}}{place}{printable(item.summary)}")
        for use in verdict.mocks:
            if use.flag:
                say(f"  mock {printable(f'{use.service}.{use.method}'.strip('.'))}  {use.flag}")
        if verdict.outcome == "passed" and verdict.agents:
            say(f"  {_numbers(verdict)}")
        name = folder.run
        say(f"report   {_short(folder)}/report.html      (practicum open {name})")
        if plan.loaded.scenario.product and (folder.artifacts / "product").is_dir() and verdict.outcome == "passed":
            say(f"product  practicum serve-product {name}")
        agent = next(iter(verdict.agents), "")
        if not agent:
            say("next     practicum show last     practicum verify last")
            return
        idle = verdict.outcome == "passed" and "idle" in plan.loaded.teams()
        other = f"practicum run {_how(plan)} --team idle" if idle else "practicum verify last"
        say(f"next     practicum replay last     practicum show last --agent {agent}     {other}")


def _how(plan: Plan) -> str:
    """How the scenario is named in a command: one that comes along by its name, another by its file."""
    from practicum.runtime.plan import library

    inside = plan.loaded.path.is_relative_to(library())
    return plan.loaded.folder.name if inside else shlex.quote(str(plan.loaded.path))


def _numbers(verdict: Verdict) -> str:
    facts = verdict.facts
    parts = [f"pull requests {facts.get('pull_requests_merged', 0)} merged"] if "github" in verdict.services else []
    if "tests" in facts:
        parts.append(f"tests {facts['tests']} passed")
    if "coverage" in facts:
        parts.append(f"coverage {facts['coverage']} %")
    parts.append(f"calls {facts.get('calls', 0)}, refused {facts.get('refused', 0)}")
    if tokens := sum(
        agent.input_tokens + agent.output_tokens + agent.cached_tokens for agent in verdict.agents.values()
    ):
        parts.append(f"tokens {tokens}")
    cost = facts.get("cost_usd", 0.0)
    parts.append(f"cost ${cost if isinstance(cost, int | float) else 0.0:.2f}")
    return "   ".join(parts)


def _short(folder: RunFolder) -> str:
    from pathlib import Path

    try:
        return str(folder.path.relative_to(Path.cwd()))
    except ValueError:
        return str(folder.path)
