"""A specification, its plugin from templates, and checking it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from practicum.plugins.pipeline.result import CheckResult, PipelineResult, Problem
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.toolchains.typescript import TypeScriptToolchain, generate

SPEC = PluginSpecification.model_validate(
    {
        "name": "unit-kit",
        "description": "Converts units and counts.",
        "toolchain": "typescript",
        "actions": [
            {
                "name": "to_fahrenheit",
                "description": "Celsius as Fahrenheit.",
                "parameters": [{"name": "celsius", "type": "number"}],
                "returns": "number",
                "formula": "celsius * 9 / 5 + 32",
                "effect": "read",
                "examples": [{"input": {"celsius": 100}, "output": 212}],
            },
            {
                "name": "capital",
                "description": "The capital of a country.",
                "parameters": [{"name": "country"}],
                "returns": "string",
                "examples": [
                    {"input": {"country": "France"}, "output": "Paris"},
                    {"input": {"country": "Atlantis"}, "error": "no such country"},
                ],
            },
            {"name": "tick", "description": "Ticks.", "returns": "integer", "formula": "1"},
        ],
        "providers": [{"name": "about", "description": "What this is.", "text": "Units at {now} for {config.PLACE}."}],
        "services": [{"name": "call_counter", "description": "Counts calls.", "keeps": "counter"}],
        "evaluators": [
            {
                "name": "is_date",
                "description": "Whether it is a date.",
                "pattern": r"\d{4}-\d{2}-\d{2}",
                "examples": [
                    {"input": {"value": "2030-01-02"}, "output": True},
                    {"input": {"value": "tomorrow"}, "output": False},
                ],
            }
        ],
        "tasks": [{"name": "ticking", "description": "Ticks on.", "schedule": "every 30s", "calls": "tick"}],
        "environment": [{"name": "PLACE", "description": "Where."}],
    }
)

SMALL = PluginSpecification.model_validate(
    {
        "name": "doubler",
        "description": "Doubles.",
        "toolchain": "typescript",
        "actions": [
            {
                "name": "double",
                "description": "Twice a number.",
                "parameters": [{"name": "number", "type": "number"}],
                "returns": "number",
                "formula": "number * 2",
                "examples": [{"input": {"number": 2}, "output": 4}],
            }
        ],
    }
)


def write(folder: Path, spec: PluginSpecification, changed: Mapping[str, str] | None = None) -> Path:
    """The plugin from templates, with some files otherwise."""
    for name, text in (generate(spec) | dict(changed or {})).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


async def run(
    cache: Path, folder: Path, spec: PluginSpecification, seconds: float = 60.0
) -> tuple[PipelineResult, list[str]]:
    """What a check comes to, and the phases that were announced."""
    announced: list[str] = []

    async def on_phase(phase: str) -> None:
        announced.append(phase)

    result = await TypeScriptToolchain(cache, seconds=seconds).check(folder, spec, on_phase)
    return result, announced


def named(result: PipelineResult, name: str) -> CheckResult:
    """The check of that name."""
    return next(check for phase in result.phases for check in phase.checks if check.name == name)


def told(problems: tuple[Problem, ...]) -> str:
    """All problems, one a line."""
    return "\n".join(f"{one.file}:{one.line}: {one.code}: {one.message}" for one in problems)


def descendants() -> list[str]:
    """The command lines of all processes that we, or those that we started, have started (proc(5))."""
    parents: dict[int, int] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                stat = (place / "stat").read_text()
            except OSError:
                continue  # it has ended meanwhile
            parents[int(place.name)] = int(stat.rpartition(")")[2].split()[1])
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    lines = []
    for pid in ours - {os.getpid()}:
        try:
            lines.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return lines
