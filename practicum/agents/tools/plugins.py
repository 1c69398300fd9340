"""Plugins of a running team: two tools for all of them, so that one installed while it runs needs no new tools."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, JsonValue
from pydantic_core import from_json, to_json

from practicum.agents.context import ToolContext
from practicum.api.tool import ToolError, tool

_CALL_S = 120.0
"""More than any plugin may take: the launcher's own limit is the one that speaks."""


class PluginAction(BaseModel):
    """An action of a plugin."""

    name: str
    description: str
    effect: str
    arguments: dict[str, Any]
    """JSON Schema."""


class PluginShown(BaseModel):
    """A plugin that serves calls."""

    name: str
    version: str
    description: str
    actions: list[PluginAction]
    context: dict[str, str]
    """What its providers say just now, by name."""


@tool(effect="read")
async def list_plugins(context: ToolContext) -> list[PluginShown]:
    """List the plugins that can be used now, with their actions and the schema of their arguments. Plugins may be
    added and replaced while you work.
    """
    return [PluginShown.model_validate(item) for item in await _ask(context, {"do": "list"})]


@tool(effect="once")
async def use_plugin(
    context: ToolContext,
    plugin: Annotated[str, Field(description="The plugin's name, as list_plugins has it")],
    action: Annotated[str, Field(description="One of its actions")],
    args: Annotated[dict[str, JsonValue] | None, Field(description="Its arguments, as its schema has them")] = None,
) -> Any:
    """Call an action of a plugin."""
    return await _ask(context, {"do": "call", "plugin": plugin, "action": action, "args": args or {}})


async def _ask(context: ToolContext, request: dict[str, Any]) -> Any:
    reply = from_json(await context.ask("launcher", "plugin", to_json(request), _CALL_S))
    if "error" in reply:
        raise ToolError(str(reply["error"]))
    return reply["result"]


PLUGINS = (list_plugins, use_plugin)
