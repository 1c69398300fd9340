"""A toolchain that stands in for the sandboxed ones, answers of models, and specifications."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from practicum.api.model import ModelUsage
from practicum.bus.events.base import Data
from practicum.bus.events.plugin import PluginAdvanced
from practicum.plugins.asking import Answered
from practicum.plugins.pipeline.result import (
    CheckResult,
    OnPhase,
    PhaseName,
    PhaseResult,
    PipelineResult,
    Problem,
    TestCase,
)
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.templates import scaffold

PHASES: tuple[PhaseName, ...] = ("building", "linting", "testing", "validating")

SPEC = PluginSpecification.model_validate(
    {
        "name": "doubler",
        "description": "Doubles numbers.",
        "actions": [
            {
                "name": "double",
                "description": "Twice as much.",
                "parameters": [{"name": "value", "type": "number"}],
                "returns": "number",
                "examples": [{"input": {"value": 2}, "output": 4}],
            }
        ],
    }
)

CODE = '''"""Doubles numbers."""

from __future__ import annotations

from practicum.api.plugin import Plugin, PluginContext, action


@action(effect="idempotent")
async def double(context: PluginContext, value: float) -> float:
    """Twice as much."""
    return value * 2


plugin = Plugin(name="doubler", version="0.1.0", description="Doubles numbers.", actions=(double,))
'''
BROKEN = CODE.replace("value: float) -> float:", "value: float) -> float")
WRONG = CODE.replace("value * 2", "value * 3")
PATH = "src/doubler_plugin/__init__.py"


def answer(code: str, path: str = PATH) -> str:
    return f"Here it is.\n\n`{path}`\n```python\n{code}```\n"


def result(failing: str = "", message: str = "it is wrong", artifact: Path | None = None) -> PipelineResult:
    """A pipeline result in which a phase fails, or none."""
    phases = []
    for phase in PHASES:
        bad = phase == failing
        problems = (Problem(message, "src/x.py", 3, "mypy"),) if bad else ()
        tests = (TestCase("test_x", "failed" if bad else "passed", 0.01, message if bad else ""),)
        check = CheckResult(
            f"check-{phase}",
            "failed" if bad else "passed",
            0.01,
            message if bad else "fine",
            problems,
            tests if phase == "testing" else (),
            log=f"log of {phase}" if bad else "",
        )
        phases.append(PhaseResult(phase, (check,), 0.01))
        if bad:
            break
    return PipelineResult(tuple(phases), None if failing else artifact, 0.04)


class StandIn:
    """Compiles the files and tries the action, here and without a sandbox: for texts of these tests only."""

    name = "python"

    def __init__(self, before: Callable[[PhaseName], Any] | None = None) -> None:
        self.checked: list[dict[str, str]] = []
        self._before = before

    def scaffold(self, spec: PluginSpecification) -> dict[str, str]:
        return scaffold(spec)

    async def check(self, folder: Path, spec: PluginSpecification, on_phase: OnPhase) -> PipelineResult:
        files = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
        self.checked.append(files)
        failing, message = "", ""
        for phase in PHASES:
            await on_phase(phase)
            if self._before is not None:
                waits = self._before(phase)
                if waits is not None:
                    await waits
            if phase == "building":
                try:
                    for path, text in files.items():
                        if path.endswith(".py"):
                            compile(text, path, "exec")
                except SyntaxError as error:
                    failing, message = phase, f"{error.msg} in line {error.lineno}"
            if phase == "testing" and any("value * 3" in text for text in files.values()):
                failing, message = phase, "assert 6 == 4\n  where 6 = double(2)"
            if failing:
                return result(failing, message)
        artifact = folder / "dist" / "doubler.whl"
        artifact.parent.mkdir()
        artifact.write_text("wheel")
        return result(artifact=artifact)


class Said:
    """A model that says prepared things, and keeps what it was asked."""

    name = "anthropic/prepared"

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.prompts: list[str] = []

    async def ask(self, system: str, prompt: str) -> Answered:
        self.prompts.append(prompt)
        said = self.answers.pop(0)
        if isinstance(said, Exception):
            raise said
        return Answered(said, ModelUsage(input_tokens=100, output_tokens=10, cost_usd=0.01))


class Events:
    """Takes events, and lets a test wait for a state."""

    def __init__(self) -> None:
        self.seen: list[Data] = []
        self._news = asyncio.Condition()

    async def __call__(self, event: Data) -> None:
        self.seen.append(event)
        async with self._news:
            self._news.notify_all()

    @property
    def states(self) -> list[str]:
        return [one.state for one in self.seen if isinstance(one, PluginAdvanced)]

    @property
    def reasons(self) -> list[str]:
        return [one.reason for one in self.seen if isinstance(one, PluginAdvanced)]

    async def until(self, said: str) -> None:
        """A state, or a reason."""
        async with asyncio.timeout(100), self._news:
            await self._news.wait_for(lambda: said in [*self.states, *self.reasons])
