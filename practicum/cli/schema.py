"""`practicum schema`: JSON Schemas of files, for editors and validators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import typer
from pydantic_core import to_json

app = typer.Typer(add_completion=False)

What = Literal["scenario", "matrix", "verdict", "suite", "charter"]


@app.command()
def schema(
    what: Annotated[
        What, typer.Argument(help="scenario, matrix, charter: files to write; verdict, suite: results to read.")
    ] = "scenario",
) -> int:
    """Print the JSON Schema of a kind of file."""
    print(to_json(_MADE[what](), indent=2).decode())
    return 0


def _scenario() -> dict[str, Any]:
    from practicum.scenarios.json_schema import scenario_schema

    return scenario_schema()


def _matrix() -> dict[str, Any]:
    from practicum.scenarios.matrix.schema import matrix_schema

    return matrix_schema()


def _verdict() -> dict[str, Any]:
    from practicum.scenarios.json_schema import published
    from practicum.scenarios.verdict import Verdict

    return published(Verdict)


def _suite() -> dict[str, Any]:
    from practicum.scenarios.json_schema import published
    from practicum.scenarios.suite import SuiteResult

    return published(SuiteResult)


def _charter() -> dict[str, Any]:
    from practicum.agents.kits import _KitFile
    from practicum.scenarios.json_schema import published

    return published(_KitFile, written=True)


_MADE: dict[What, Callable[[], dict[str, Any]]] = {
    "scenario": _scenario,
    "matrix": _matrix,
    "verdict": _verdict,
    "suite": _suite,
    "charter": _charter,
}
