"""`practicum plugin`: plugins that are made, installed, published and measured."""

from __future__ import annotations

import typer

from practicum.cli.plugin_bench import bench
from practicum.cli.plugin_installed import install, list_, remove
from practicum.cli.plugin_jobs import cancel, logs, status
from practicum.cli.plugin_make import create, from_description, resume
from practicum.cli.plugin_share import publish, update, verify

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Make, install, publish and measure plugins.")

app.command()(create)
app.command("from-description")(from_description)
app.command()(status)
app.command()(logs)
app.command()(cancel)
app.command()(resume)
app.command("list")(list_)
app.command()(install)
app.command()(remove)
app.command()(update)
app.command()(publish)
app.command()(verify)
app.command()(bench)
