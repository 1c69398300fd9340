"""`practicum secrets`: keys in the proctor's vault. A value is read from the terminal or stdin, and never shown."""

from __future__ import annotations

import difflib
import getpass
import os
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic_core import to_json

from practicum.errors import UsageError
from practicum.proctor.secret import Secret
from practicum.proctor.vault import FileVault, check_name
from practicum.proctor.vault.env import SECRET_VARIABLES, is_secret_variable
from practicum.proctor.vault.layers import SHELL, master_key
from practicum.proctor.vault.paths import vault_path
from practicum.proctor.vault.variables import FAMILY, is_variable, variable_secret

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Keys in the proctor's vault.")

_SHORTEST = 8
"""Characters: the proctor could not tell a shorter key from ordinary text when it keeps it out of what leaves it."""

Json = Annotated[bool, typer.Option("--json", help="The result as JSON, one object a line.")]


def _vault() -> FileVault:
    return FileVault(vault_path(os.environ), master_key(os.environ))


@app.command("set")
def set_(
    name: Annotated[
        str, typer.Argument(help="A service, service@agent, or a plugin's variable: github, github@dev-1, API_TOKEN.")
    ],
    surplus: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    json: Json = False,
) -> int:
    """Keep a key. Its value is asked for without echo, or read from stdin: practicum secrets set github < file."""
    if surplus:
        # It may well be the key: do not repeat it.
        raise UsageError(
            "a value is never given as an argument: it would stay in the shell's history and show in `ps`",
            hint=f"practicum secrets set {name}   asks for it",
        )
    name = _check(name)
    value = getpass.getpass(f"value of {name} (not shown): ") if sys.stdin.isatty() else sys.stdin.read()
    value = value.strip()
    if len(value) < _SHORTEST:
        raise UsageError(f"the value for {name} has fewer than {_SHORTEST} characters; nothing was changed")
    entry = _vault().set(name, Secret(value))
    if json:
        print(to_json({"name": name, "version": entry.version, "vault": entry.origin}).decode())
    else:
        again = f", version {entry.version}" if entry.version > 1 else ""
        print(f"{name} is in {entry.origin}{again}")
    return 0


@app.command("list")
def list_(json: Json = False) -> int:
    """Show which keys there are, how old, and where; never any part of a value."""
    entries = _vault().entries()
    shell = sorted(name for name, value in os.environ.items() if is_secret_variable(name) and value)
    if json:
        for entry in entries:
            print(
                to_json(
                    {"name": entry.name, "version": entry.version, "updated": entry.updated, "origin": entry.origin}
                ).decode()
            )
        for variable in shell:
            print(to_json({"name": variable, "version": None, "updated": None, "origin": SHELL}).decode())
        return 0
    if not entries and not shell:
        print(f"no key yet in {vault_path(os.environ)}; practicum secrets set github keeps one")
        return 0
    width = max(map(len, [*(entry.name for entry in entries), *shell]))
    for entry in entries:
        print(f"{entry.name:<{width}}  {_age(entry.updated):>10}  version {entry.version:<4} {entry.origin}")
    for variable in shell:
        print(f"{variable:<{width}}  {'':>10}  {'':12} {SHELL}")
    return 0


@app.command()
def remove(name: Annotated[str, typer.Argument(help="As practicum secrets list shows it.")], json: Json = False) -> int:
    """Forget a key."""
    name = variable_secret(name) if is_variable(name) else name
    vault = _vault()
    if not vault.remove(name):
        known = [entry.name for entry in vault.entries()]
        close = difflib.get_close_matches(name, known, 1)
        first = f'did you mean "{close[0]}"? ' if close else ""
        raise UsageError(f"{vault.origin} has no {name}", hint=f"{first}it has: {', '.join(known) or 'nothing'}")
    print(to_json({"removed": name}).decode() if json else f"{name} is forgotten")
    return 0


@app.command("rotate-key")
def rotate_key(json: Json = False) -> int:
    """Encrypt the vault anew under a new master key. The values stay, the old key opens it no more."""
    vault = _vault()
    vault.rotate_key()
    print(to_json({"rotated": vault.origin}).decode() if json else f"{vault.origin} has a new master key")
    return 0


def _check(name: str) -> str:
    """Refuse names that nobody would ever look up; the name under which the vault keeps it.

    Raises:
        UsageError: with the name that was probably meant.
    """
    if "=" in name:
        raise UsageError("a value is never given as an argument", hint="practicum secrets set NAME   asks for it")
    if name in SECRET_VARIABLES:
        raise UsageError(
            f"{name} is the variable of a service's key, and the vault knows services",
            hint=f"practicum secrets set {SECRET_VARIABLES[name]}   (for a plugin: {FAMILY}{name.lower()})",
        )
    if is_variable(name):
        return variable_secret(name)
    check_name(name)
    if name.startswith(FAMILY):
        return name
    known = sorted(set(SECRET_VARIABLES.values()))
    service, at, agent = name.partition("@")
    if service not in known:
        close = difflib.get_close_matches(service, known, 1)
        first = f'did you mean "{close[0]}{at}{agent}"? ' if close else ""
        raise UsageError(f"{name}: no service of that name takes a key", hint=f"{first}known: {', '.join(known)}")
    return name


def _age(moment: datetime | None) -> str:
    if moment is None:
        return ""
    seconds = max(0, int((datetime.now(UTC) - moment).total_seconds()))
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if count := seconds // length:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "just now"
