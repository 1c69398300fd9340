"""Plugins for tests, written when a test runs: a good one, and what is changed in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from practicum.plugins.pipeline.result import CheckResult, PhaseName, PipelineResult, Problem
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.templates.python import generate
from practicum.plugins.toolchains.python import PythonToolchain

PACKAGE = "src/temperature_plugin"
ACTIONS = f"{PACKAGE}/actions.py"
TESTS = "tests/test_own.py"

GOOD_ACTIONS = '''"""Actions."""

from __future__ import annotations

from practicum.api.plugin import PluginContext, PluginError, action


@action(effect="read")
async def to_fahrenheit(context: PluginContext, celsius: float) -> float:
    """Celsius as Fahrenheit."""
    if celsius < -273.15:
        raise PluginError("colder than cold")
    return celsius * 9 / 5 + 32
'''

GOOD_TESTS = '''"""Tests."""

import pytest

from practicum.api.plugin import PluginContext, PluginError
from temperature_plugin import plugin


async def test_water_boils() -> None:
    [action] = plugin.actions
    assert await action.function(PluginContext("temperature"), celsius=100) == 212


@pytest.mark.parametrize("celsius", [-300, -400])
async def test_nothing_is_colder(celsius: float) -> None:
    with pytest.raises(PluginError, match="colder"):
        await plugin.actions[0].function(PluginContext("temperature"), celsius=celsius)
'''


def specification(**changes: object) -> PluginSpecification:
    """One action with examples."""
    return PluginSpecification.model_validate(
        {
            "name": "temperature",
            "description": "Temperatures.",
            "actions": [
                {
                    "name": "to_fahrenheit",
                    "description": "Celsius as Fahrenheit.",
                    "parameters": [{"name": "celsius", "type": "number"}],
                    "returns": "number",
                    "effect": "read",
                    "examples": [
                        {"input": {"celsius": 100}, "output": 212},
                        {"input": {"celsius": -300}, "error": "colder than cold"},
                    ],
                }
            ],
            **changes,
        }
    )


def write(
    folder: Path, changes: Mapping[str, str | None], spec: PluginSpecification | None = None
) -> PluginSpecification:
    """A good plugin with these files in place of its own; None removes one."""
    spec = spec or specification()
    files: dict[str, str | None] = {**generate(spec), ACTIONS: GOOD_ACTIONS, TESTS: GOOD_TESTS, **changes}
    del files["tests/test_specification.py"]
    for name, text in files.items():
        if text is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    return spec


class Checked:
    """What the pipeline said, with the phases as they were announced."""

    def __init__(self, result: PipelineResult, announced: list[str]) -> None:
        self.result, self.announced = result, announced
        self.checks = {check.name: check for phase in result.phases for check in phase.checks}

    def problems(self, *checks: str) -> list[Problem]:
        return [one for name, check in self.checks.items() if not checks or name in checks for one in check.problems]

    def errors(self) -> list[Problem]:
        return [one for one in self.problems() if one.severity == "error"]

    def says(self, *words: str) -> bool:
        """Whether one error holds all of these words."""
        return any(all(word in problem.message for word in words) for problem in self.errors())

    def shown(self) -> str:
        return "\n".join(f"{one.severity} {one.code} {one.file}:{one.line} {one.message}" for one in self.problems())

    def __getitem__(self, name: str) -> CheckResult:
        return self.checks[name]


async def check(
    toolchain: PythonToolchain, folder: Path, changes: Mapping[str, str | None] | None = None,
    spec: PluginSpecification | None = None,
) -> Checked:  # fmt: skip
    announced: list[str] = []

    async def on_phase(phase: PhaseName) -> None:
        announced.append(phase)

    spec = write(folder, changes or {}, spec)
    return Checked(await toolchain.check(folder, spec, on_phase), announced)
