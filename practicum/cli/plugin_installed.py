"""`practicum plugin list`, `install` and `remove`: what is installed in this project."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_json

from practicum.cli.running import fail, paint
from practicum.errors import ExitCode, PracticumError, UsageError
from practicum.plugins.host.errors import PluginLoadError
from practicum.plugins.reading import read_specification
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.store import Installed
from practicum.runtime.plugin_work import PluginWork
from practicum.text import printable

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def list_(json: Json = False) -> int:
    """List the installed plugins, with what each was granted."""
    with PluginWork() as work:
        names = work.plugins.names()
        for name in names:
            try:
                _tell(work.plugins.installed(name), json)
            except PracticumError as error:
                print(to_json({"name": name, "wrong": error.message}).decode() if json else f"{name}  {error.message}")
    if not names and not json:
        print("no plugin is installed; practicum plugin create SPEC --install makes one")
    return 0


def install(
    what: Annotated[str, typer.Argument(help="A wheel, the folder of a plugin, or a job that succeeded.")],
    spec: Annotated[
        Path | None, typer.Option(help="The specification that bounds what a wheel from elsewhere may declare.")
    ] = None,
    json: Json = False,
) -> int:
    """Install a plugin once it has loaded in its sandbox and is healthy. What was installed before stays if not.

    Exit 1 when it does not load, or is not healthy.
    """
    with PluginWork() as work, failing():
        source = Path(what)
        if source.exists() or what.endswith(".whl"):
            if not source.exists():
                raise UsageError(f"{what}: no such file")
            bounds = read_specification(spec) if spec is not None else None
            installed = asyncio.run(work.install_wheel(source, spec=bounds))
        else:
            job = work.made(what)
            installed = asyncio.run(
                work.install_wheel(Path(job.artifact), spec=job.spec, job=job.id, checks=job.checks)
            )
        _tell(installed, json)
    return 0


@contextmanager
def failing() -> Iterator[None]:
    """A plugin that does not load has failed: no part of the system has."""
    try:
        yield
    except PluginLoadError as error:
        fail(error.message, ExitCode.FAILED, error.hint)


def remove(
    name: Annotated[str, typer.Argument(help="As practicum plugin list shows it.")],
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Remove a plugin with all its versions and its data. A running team loses it too."""
    with PluginWork() as work:
        version = work.plugins.installed(name).version
        if not confirmed(f"remove {name} {version} and its data", yes):
            print(f"{name} stays", file=sys.stderr)
            return int(ExitCode.INCONCLUSIVE)
        work.plugins.remove(name)
    print(to_json({"removed": name, "version": version}).decode() if json else f"{name} {version} is removed")
    return 0


def confirmed(what: str, yes: bool) -> bool:
    """A person's word, from the terminal; without a terminal there is nobody to ask.

    Raises:
        UsageError: there is no terminal, and not `yes`.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(f"to {what} wants a person's yes, and there is no terminal", hint="--yes gives it")
    return input(f"{what}? [y/N] ").strip().lower() in ("y", "yes")


def granted(spec: PluginSpecification) -> str:
    """What a specification declares beyond computing."""
    return ", ".join([*spec.capabilities, *spec.hosts])


def _tell(installed: Installed, json: bool) -> None:
    manifest = installed.manifest
    if json:
        print(manifest.model_dump_json())
        return
    grant = manifest.grant
    has = ", ".join(f"{kind} {name}" for kind, name in grant.components) if grant is not None else ""
    may = ", ".join([*grant.capabilities, *grant.hosts]) if grant is not None else "compute, and no more"
    title = paint(f"{manifest.name} {manifest.version}", "bold")
    print(f"{title}  {manifest.host}  {printable(manifest.description, 100)}")
    print(f"    {printable(has or 'no specification', 140)}" + (f"  may: {printable(may, 80)}" if may else ""))
