"""The parts of the documentation that are made from the code. `python tests/docs/docs_reference.py` writes them anew.

A part stands between `<!-- made: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import typer
from docs_pages import DOCS

from practicum.agents.tools import BY_SERVICE
from practicum.bus.events import DATA_TYPES
from practicum.cli.main import VERBS
from practicum.world.deploy.permissions import ROUTES as DEPLOY_ROUTES
from practicum.world.discord import routes as _discord  # noqa: F401 - importing the routes registers them
from practicum.world.discord.backend import TABLE as DISCORD_ROUTES
from practicum.world.github.permissions import ROUTES as GITHUB_ROUTES
from practicum.world.slack import methods as _slack  # noqa: F401
from practicum.world.slack.backend import METHODS as SLACK_METHODS

_PART = re.compile(r"(<!-- made: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
_REPOSITORY = "/repos/{owner}/{repo}"


def commands() -> Iterator[tuple[str, Any]]:
    """Every verb, and below `secrets` every one of its own. Typer brings its own copy of click, or not, by version."""
    for verb, (module, _) in VERBS.items():
        command = typer.main.get_command(import_module(module).app)
        if hasattr(command, "commands"):
            for name, sub in command.commands.items():
                yield f"{verb} {name}", sub
        else:
            yield verb, command


def _cli() -> list[str]:
    lines = []
    for name, command in commands():
        shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
        arguments = [_argument(item) for item in shown if item.param_type_name == "argument"]
        lines += ["", f"## practicum {name}", "", f"`practicum {' '.join([name, *arguments])}`", ""]
        lines += [inspect.cleandoc(command.help or "").partition("\f")[0].strip()]
        options = [item for item in shown if item.param_type_name == "option" and "--help" not in item.opts]
        if options:
            lines += ["", "| option | | default |", "| --- | --- | --- |"]
            lines += [_option(item) for item in options]
    return lines[1:]


def _argument(item: Any) -> str:
    text = (item.name or "").upper() + ("..." if item.nargs == -1 else "")
    return text if item.required else f"[{text}]"


def _option(item: Any) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(item.opts, key=len, reverse=True))
    default = "" if item.default in (None, "", False) or callable(item.default) else f"`{item.default}`"
    repeated = " Several times." if item.multiple else ""
    return f"| {names} | {_cell((item.help or '') + repeated)} | {default} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _tools() -> list[str]:
    lines = ["| needs | tool | effect | |", "| --- | --- | --- | --- |"]
    for service, tools in BY_SERVICE.items():
        for tool in tools:
            arguments = ", ".join(
                name if field.is_required() else f"{name}?" for name, field in tool.arguments.model_fields.items()
            )
            first = _cell(tool.description.split("\n\n")[0])
            lines.append(f"| {service or '-'} | `{tool.name}({arguments})` | {tool.effect} | {first} |")
    return lines


def _events() -> list[str]:
    lines = ["| type | | data |", "| --- | --- | --- |"]
    for name, kind in sorted(DATA_TYPES.items()):
        first = _cell(inspect.getdoc(kind) or "").split(". ")[0].rstrip(".")
        lines.append(f"| `{name}` | {first} | {', '.join(f'`{key}`' for key in kind.model_fields)} |")
    return lines


def _github() -> list[str]:
    grouped: dict[tuple[str, str], list[str]] = {}
    for route in GITHUB_ROUTES:
        methods = grouped.setdefault((route.permission, route.template.replace(_REPOSITORY, "~")), [])
        if route.method not in methods:
            methods.append(route.method)
    lines = ["| permission | route |", "| --- | --- |"]
    for permission, template in sorted(grouped):
        methods = "`, `".join(grouped[permission, template])
        lines.append(f"| {permission or 'any valid token'} | `{methods}` `{template}` |")
    return lines


def _slack_methods() -> list[str]:
    families: dict[str, list[str]] = {}
    for name in sorted(SLACK_METHODS):
        families.setdefault(name.partition(".")[0], []).append(f"`{name}`")
    return [f"- {', '.join(found)}" for found in families.values()]


def _discord_routes() -> list[str]:
    grouped: dict[str, list[str]] = {}
    for name in DISCORD_ROUTES:
        method, _, template = name.partition(" ")
        grouped.setdefault(template, []).append(method)
    lines = ["| route | |", "| --- | --- |"]
    return lines + [f"| `{template}` | {', '.join(sorted(grouped[template]))} |" for template in sorted(grouped)]


def _deploy_routes() -> list[str]:
    lines = ["| method | path | action |", "| --- | --- | --- |"]
    for (method, path), action in DEPLOY_ROUTES.items():
        lines.append(f"| {'any' if method == '*' else method} | `{path}` | `{action}` |")
    return lines


PARTS: dict[str, Callable[[], list[str]]] = {
    "cli": _cli,
    "tools": _tools,
    "events": _events,
    "github": _github,
    "slack": _slack_methods,
    "discord": _discord_routes,
    "deploy": _deploy_routes,
}


def renewed(text: str) -> str:
    """A page with its made parts as the code is now."""
    return _PART.sub(lambda hit: hit[1] + "\n" + "\n".join(PARTS[hit[2]]()) + "\n\n" + hit[3], text)


def made_parts() -> list[str]:
    """The names of the parts that stand in some page."""
    return [hit[2] for page in DOCS.glob("*.md") for hit in _PART.finditer(page.read_text())]


if __name__ == "__main__":
    for page in DOCS.glob("*.md"):
        old = page.read_text()
        if (new := renewed(old)) != old:
            page.write_text(new)
            print(page.name)
