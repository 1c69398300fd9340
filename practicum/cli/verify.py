"""`practicum verify`: find any change of recorded runs."""

from __future__ import annotations

from typing import Annotated

import typer

from practicum.cli.running import paint
from practicum.errors import TamperedError
from practicum.runtime.places import RunFolder, all_runs, find_run
from practicum.runtime.sealing import check_signature
from practicum.trajectory.verify import verify as check

app = typer.Typer(add_completion=False)


@app.command()
def verify(
    runs: Annotated[
        list[str] | None, typer.Argument(help="Runs: an id, the beginning of one, last, or all.", metavar="[RUN]...")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The result as JSON, one object a run.")] = False,
) -> int:
    """Check the hash chain, the blobs and the seal of runs. Exit 1 and the place when anything was changed."""
    names = runs or ["last"]
    folders = all_runs() if names == ["all"] else [find_run(name) for name in names]
    whole = [_verify(folder, json, brief=len(folders) > 3) for folder in folders]
    if len(folders) > 3 and not json:
        print(f"{sum(whole)} of {len(folders)} runs are whole")
    return 0 if all(whole) else 1


def _verify(folder: RunFolder, json: bool, brief: bool) -> bool:
    """Whether a run is whole; says what was found."""
    from pydantic_core import to_json

    try:
        result = check(folder.path, folder.run)
        signed = check_signature(result.seal)
    except TamperedError as error:
        if json:
            print(to_json({"run": folder.run, "ok": False, "place": error.place, "message": str(error)}).decode())
        else:
            print(f"{paint('CHANGED', 'red', 'bold')}  {folder.run}  {error}")
        return False
    if json:
        told = {"run": folder.run, "ok": True, "events": result.events, "blobs": result.blobs, "signature": signed}
        print(to_json(told).decode())
    elif not brief:
        torn = "  the last line was cut off by a crash" if result.torn else ""
        print(
            f"{paint('WHOLE', 'green', 'bold')}  {folder.run}  "
            f"{result.events} events  {result.blobs} blobs  {signed}{torn}"
        )
    return True
