"""The options that `practicum run` and `practicum matrix` have in common: how a run is made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Team = Annotated[str, typer.Option(help="A scripted team beside the scenario: oracle, idle, narrator, cheat...")]
Models = Annotated[
    list[str] | None,
    typer.Option(help="PATTERN=MODEL, such as 'dev-*=anthropic/NAME'; the pattern fits agents and roles."),
]
Live = Annotated[
    str, typer.Option(help="Services that are the true ones: alone for all, or github,slack.", metavar="[SERVICES]")
]
EnvFile = Annotated[Path | None, typer.Option(help="Keys from this file only, into the proctor.")]
Bus = Annotated[str, typer.Option(help="Your own NATS, instead of the embedded one.", metavar="URL")]
Sandbox = Annotated[str, typer.Option(help="auto, bubblewrap, namespaces, or local (no isolation).")]
Environment = Annotated[
    str, typer.Option(help="Where code steps and commands run, instead of the file's: local, sandbox, docker, e2b.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Unknown keys and weak evaluations are errors.")]
AllowWeak = Annotated[bool, typer.Option("--allow-weak", help="Text checks that the user's own words satisfy count.")]
Time = Annotated[str, typer.Option(help="Time limit of each run, such as 10m; the scenario's when left out.")]
Cost = Annotated[str, typer.Option(help="Budget of all model calls of each run, such as $5.")]
JsonResult = Annotated[bool, typer.Option("--json", help="Print the result as JSON, nothing else.")]


def listed(services: str) -> tuple[str, ...]:
    """What stands behind `--live`: names, separated by commas."""
    return tuple(name for name in services.split(",") if name)
