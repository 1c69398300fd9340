"""`practicum world`: serve simulated services by themselves."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Annotated

import typer

from practicum.runtime.standalone import serve_world

app = typer.Typer(add_completion=False)


@app.command()
def world(
    services: Annotated[list[str], typer.Argument(help="github, slack, discord, deploy")],
    token_file: Annotated[
        Path,
        typer.Option(help="Accounts: lines of SERVICE LOGIN TOKEN. Tokens are never taken from arguments."),
    ],
    repo: Annotated[str, typer.Option(help="GitHub: a repository to begin with, owner/name.")] = "",
    channels: Annotated[str, typer.Option(help="Slack and Discord: channels, separated by commas.")] = "general",
    port: Annotated[int, typer.Option(help="Loopback port; a free one when 0.")] = 0,
    directory: Annotated[
        Path | None, typer.Option(help="Where state is kept; a temporary folder when left out.")
    ] = None,
) -> int:
    """Serve simulated services on loopback until Ctrl-C: a GitHub to run --live against, a Slack for your tests."""
    os.umask(0o022)  # what jobs and applications are given is read by another account
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(
            serve_world(
                services,
                token_file=token_file,
                repo=repo,
                channels=[name for name in channels.split(",") if name],
                port=port,
                directory=directory,
                say=lambda line: print(line, flush=True),
            )
        )
    return 0
