"""`practicum doctor`: what this machine can isolate and run, and how to mend it."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from practicum.cli.running import paint
from practicum.runtime.checkup import checkup

app = typer.Typer(add_completion=False)


@app.command()
def doctor(json: Annotated[bool, typer.Option("--json", help="The findings as JSON.")] = False) -> int:
    """Try what Practicum needs, really, and say what holds. Exit 1 when a run could not start here."""
    findings = asyncio.run(checkup())
    if json:
        from pydantic_core import to_json

        print(to_json(findings).decode())
    else:
        width = max(len(item.name) for item in findings) + 2
        for item in findings:
            word = paint("ok  ", "green") if item.ok else paint("no  ", "red" if item.needed else "yellow")
            print(f"{word} {item.name:<{width}}{item.found}")
            if item.mend:
                print(f"     {'':<{width}}{item.mend}")
    return 0 if all(item.ok for item in findings if item.needed) else 1
