"""`practicum verify`: find any change of a recorded run."""

from __future__ import annotations

from typing import Annotated

import typer

from practicum.cli.running import paint
from practicum.errors import TamperedError
from practicum.runtime.places import find_run
from practicum.runtime.sealing import check_signature
from practicum.trajectory.verify import verify as check

app = typer.Typer(add_completion=False)


@app.command()
def verify(
    run: Annotated[str, typer.Argument(help="A run: its id, the beginning of it, or last.")] = "last",
    json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> int:
    """Check the hash chain, the blobs and the seal of a run. Exit 1 and the place when anything was changed."""
    folder = find_run(run)
    try:
        result = check(folder.path, folder.run)
        signed = check_signature(result.seal)
    except TamperedError as error:
        if json:
            from pydantic_core import to_json

            print(to_json({"run": folder.run, "ok": False, "place": error.place, "message": str(error)}).decode())
        else:
            print(f"{paint('CHANGED', 'red', 'bold')}  {folder.run}  {error}")
        return 1
    if json:
        from pydantic_core import to_json

        print(
            to_json(
                {"run": folder.run, "ok": True, "events": result.events, "blobs": result.blobs, "signature": signed}
            ).decode()
        )
        return 0
    torn = "  the last line was cut off by a crash" if result.torn else ""
    print(
        f"{paint('WHOLE', 'green', 'bold')}  {folder.run}  {result.events} events  {result.blobs} blobs  {signed}{torn}"
    )
    return 0
