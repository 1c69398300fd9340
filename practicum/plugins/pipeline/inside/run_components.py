"""Loads an installed plugin and calls what it is told to, reporting what came of each call; it judges nothing."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

_HERE = str(Path(__file__).parent)
sys.dont_write_bytecode = True
sys.path.insert(0, _HERE)
from channel import Channel  # type: ignore[import-not-found,unused-ignore]  # noqa: E402

GROUP = "practicum.plugins"
_TEXT = 4000


def main() -> int:
    """Do what the request says: load the plugin from the folder `site`, describe it, make the calls."""
    channel = Channel()
    request = channel.request
    sys.path.remove(_HERE)
    try:
        plugin = _load(request["site"])
        channel.say("loaded", **_described(plugin))
        asyncio.run(_work(channel, plugin, request))
    except BaseException as error:
        channel.say("broken", message=_said(error))
        os._exit(1)
    channel.say("finished")
    os._exit(0)  # threads that a plugin left behind do not keep us


def _load(site: str) -> Any:
    from practicum.api.plugin import Plugin

    points = [point for found in distributions(path=[site]) for point in found.entry_points if point.group == GROUP]
    if len(points) != 1:
        raise ValueError(f"{len(points)} entry points in the group {GROUP}")
    plugin = points[0].load()
    if not isinstance(plugin, Plugin):
        raise TypeError(f"the entry point leads to {type(plugin).__name__}, not to a Plugin")
    return plugin


def _described(plugin: Any) -> dict[str, Any]:
    return {
        "name": plugin.name,
        "version": plugin.version,
        "capabilities": list(plugin.capabilities),
        "hosts": list(plugin.hosts),
        "environment": [[one.name, bool(one.required), bool(one.sensitive)] for one in plugin.environment],
        "actions": {one.name: {"effect": one.effect, "schema": one.schema()} for one in plugin.actions},
        "providers": [one.name for one in plugin.providers],
        "services": [getattr(one, "name", "") for one in plugin.services],
        "evaluators": [one.name for one in plugin.evaluators],
        "tasks": {one.name: one.schedule for one in plugin.tasks},
    }


async def _work(channel: Channel, plugin: Any, request: dict[str, Any]) -> None:
    context = _context(plugin, request)
    services = []
    for make in plugin.services:
        name = str(getattr(make, "name", ""))
        channel.say("calling", call=f"service {name}")
        outcome: dict[str, Any] = {"call": f"service {name}", "part": name, "type": "service"}
        try:
            made = make()
            await asyncio.wait_for(made.start(context), request["seconds"])
            health = await asyncio.wait_for(made.health(), request["seconds"])
            services.append((name, made))
            channel.say("called", **outcome, value=health, name_of_service=str(made.name))
        except Exception as error:
            channel.say("called", **outcome, **_failed(error))
    for call in request["calls"]:
        channel.say("calling", call=call["call"])
        began = time.monotonic()
        try:
            value = await asyncio.wait_for(_call(plugin, context, call), request["seconds"])
            channel.say("called", **call, value=value, seconds=round(time.monotonic() - began, 4))
        except Exception as error:
            channel.say("called", **call, **_failed(error))
    for name, made in reversed(services):
        try:
            await asyncio.wait_for(made.stop(), request["seconds"])
            channel.say("stopped", name=name)
        except Exception as error:
            channel.say("stopped", name=name, **_failed(error))


async def _call(plugin: Any, context: Any, call: dict[str, Any]) -> Any:
    kind, name, given = call["type"], call["part"], call["input"]
    parts = {one.name: one for one in getattr(plugin, f"{kind}s")}
    part = parts[name]
    if kind == "action":
        checked = part.arguments.model_validate(given)
        arguments = {field: getattr(checked, field) for field in type(checked).model_fields}
        return part.result.dump_python(await part.function(context, **arguments), mode="json")
    if kind == "evaluator":
        check = await part.function(context, given.get("value"))
        return {"passed": check.passed, "summary": str(check.summary)[:_TEXT], "score": check.score}
    return await part.function(context)


def _context(plugin: Any, request: dict[str, Any]) -> Any:
    from practicum.api.plugin import PluginContext

    return PluginContext(
        plugin=plugin.name,
        config=request["config"],
        environment=request["environment"],
        agent="dev-1",
        run="check",
        now=request["now"],
        log=lambda message: print(message, file=sys.stderr),
    )


def _failed(error: BaseException) -> dict[str, Any]:
    from practicum.api.plugin import PluginError

    network = isinstance(error, OSError | TimeoutError) or isinstance(error.__cause__, OSError)
    return {"error": _said(error), "honest": isinstance(error, PluginError | ValueError), "network": network}


def _said(error: BaseException) -> str:
    from practicum.api.plugin import PluginError

    text = str(error)[:_TEXT]
    return text if isinstance(error, PluginError) else f"{type(error).__name__}: {text}"


if __name__ == "__main__":
    raise SystemExit(main())
