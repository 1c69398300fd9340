"""`practicum replay`: drive the agents again from the record and compare."""

from __future__ import annotations

from typing import Annotated

import typer

from practicum.cli.running import paint
from practicum.runtime.places import find_run
from practicum.text import printable

app = typer.Typer(add_completion=False)


@app.command()
def replay(
    run: Annotated[str, typer.Argument(help="A run: its id, the beginning of it, or last.")] = "last",
    json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> int:
    """Replay a run: every turn gets exactly the events that it was handed, tools and models answer from the record.

    Nothing outside is called. Exit 1 when an agent does something else than recorded, with its first difference.
    """
    from practicum.runtime.replay import run_replay

    folder = find_run(run)
    result = run_replay(folder)
    if json:
        from pydantic_core import to_json

        print(to_json(result).decode())
        return 0 if result.equal else 1
    print(f"replaying {folder.run}  {result.events} events compared  {result.turns} turns  0 outside calls")
    for item in result.divergences:
        place = f"turn {item.turn} of {item.agent} (event {item.seq}): {item.what}"
        print(f"{paint('DIVERGED', 'red', 'bold')} at {place}")
        for line in item.diff[:40]:
            print(paint(printable(line, 200), "red" if line.startswith("-") else "green"))
    if result.equal:
        print(f"{paint('EQUAL', 'green', 'bold')}  every model request and tool call is the recorded one")
    return 0 if result.equal else 1
