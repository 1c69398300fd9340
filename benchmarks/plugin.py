"""One warm iteration of the plugin pipeline: format, build, lint, types, tests, components and the verifier.

Every pass changes a line of the code, as a repair would. The first pass, which may fill caches, is told apart.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.measure import Series, report
from practicum.plugins.pipeline.result import PhaseName, PipelineResult
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.templates.python import generate
from practicum.plugins.toolchains.python import PythonToolchain

PASSES = 9

SPECIFICATION = PluginSpecification.model_validate(
    {
        "name": "temperature",
        "description": "Temperatures.",
        "actions": [
            {
                "name": "to_fahrenheit",
                "description": "Celsius as Fahrenheit.",
                "parameters": [{"name": "celsius", "type": "number"}],
                "returns": "number",
                "formula": "celsius * 9 / 5 + 32",
                "examples": [{"input": {"celsius": 100}, "output": 212}, {"input": {"celsius": -40}, "output": -40}],
            }
        ],
        "providers": [{"name": "units", "description": "Known units.", "text": "Celsius and Fahrenheit"}],
        "services": [{"name": "hits", "description": "Counts calls.", "keeps": "counter"}],
    }
)


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in generate(SPECIFICATION).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        toolchain = PythonToolchain(download=False)
        first = (await checked(toolchain, folder)).seconds
        whole, phases = Series(), {phase: Series() for phase in ("building", "linting", "testing", "validating")}
        code = folder / "src" / SPECIFICATION.package / "actions.py"
        for number in range(PASSES):
            code.write_text(f"{code.read_text()}\n\nPASS_{number} = {time.time_ns()}\n")
            result = await checked(toolchain, folder)
            whole.figures.append(result.seconds)
            for phase in result.phases:
                phases[phase.phase].figures.append(phase.seconds)
    report(
        "plugin",
        unit="seconds",
        passes=PASSES,
        first=round(first, 2),
        iteration=whole.rounded(2),
        phases={name: series.rounded(2) for name, series in phases.items()},
    )


async def checked(toolchain: PythonToolchain, folder: Path) -> PipelineResult:
    result = await toolchain.check(folder, SPECIFICATION, _no_matter)
    problems = [problem.message for phase in result.phases for problem in phase.problems()]
    assert result.ok, problems
    return result


async def _no_matter(phase: PhaseName) -> None:
    return
