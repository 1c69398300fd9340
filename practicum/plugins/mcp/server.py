"""A plugin of a fleet as an MCP server: actions and evaluators are tools, providers are resources.

Calls go through the fleet, so they are answered in the plugin's sandbox, and by its next version once that serves. MCP:
Model Context Protocol, modelcontextprotocol.io; the SDK speaks the version that the client asks for.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue
from pydantic_core import to_json

from practicum.errors import PracticumError, UsageError
from practicum.mcp_edge import served
from practicum.plugins.host.description import Description
from practicum.plugins.host.errors import PluginUnavailableError
from practicum.plugins.host.fleet import Fleet
from practicum.plugins.mcp.sdk import need_sdk

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from mcp.types import (
        CallToolRequestParams,
        CallToolResult,
        ListResourcesResult,
        ListToolsResult,
        ReadResourceRequestParams,
        ReadResourceResult,
    )

EVALUATE = "evaluate_"
"""How the tool of an evaluator begins."""


async def serve_stdio(fleet: Fleet, plugin: str) -> None:
    """Serve over our own input and output until the input ends.

    Raises:
        MissingExtraError: the SDK is not installed.
        PluginUnavailableError: no such plugin serves.
    """
    server = mcp_server(fleet, plugin)

    from mcp.server.stdio import stdio_server

    async with stdio_server() as (received, sent):
        await server.run(received, sent, server.create_initialization_options())


@asynccontextmanager
async def serve_http(fleet: Fleet, plugin: str, *, port: int = 0) -> AsyncIterator[str]:
    """Serve by streamable HTTP on loopback while the context lasts; yields the address.

    The address holds a word that nobody can guess: whoever has it may call, and others of this machine have it not.

    Raises:
        MissingExtraError: the SDK is not installed.
        PluginUnavailableError: no such plugin serves.
        UsageError: the port is taken, or is none.
    """
    server = mcp_server(fleet, plugin)
    if not 0 <= port < 65_536:
        raise UsageError(f"port {port}: there is none of that number", hint="0 takes a free one")
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise UsageError(f"port {port}: {error.strerror}", hint="0 takes a free one") from error
    async with served(server, listening) as address:
        yield address


def mcp_server(fleet: Fleet, plugin: str) -> Server[Any]:
    """The server itself, for a transport of one's own. Raises as `serve_http`."""
    need_sdk("serving a plugin by MCP")
    served = _Served(fleet, plugin)
    description = served.description()

    from mcp.server.lowlevel import Server

    return Server(
        plugin,
        version=description.version,
        instructions=description.description,
        on_list_tools=served.list_tools,
        on_call_tool=served.call_tool,
        on_list_resources=served.list_resources,
        on_read_resource=served.read_resource,
    )


class _Served:
    def __init__(self, fleet: Fleet, plugin: str) -> None:
        self._fleet, self._plugin = fleet, plugin

    def description(self) -> Description:
        loaded = self._fleet.find(self._plugin)
        if loaded is None:
            raise PluginUnavailableError(f"there is no plugin {self._plugin!r} here")
        return loaded.description

    async def list_tools(self, context: object, params: object) -> ListToolsResult:
        from mcp.types import ListToolsResult, Tool, ToolAnnotations

        told = self.description()
        tools = [
            Tool(
                name=action.name,
                description=action.description,
                input_schema=action.arguments,
                annotations=ToolAnnotations(
                    read_only_hint=action.effect == "read", idempotent_hint=action.effect != "once"
                ),
            )
            for action in told.actions
        ]
        schema = {"type": "object", "properties": {"value": {}}, "required": ["value"], "additionalProperties": False}
        tools += [
            Tool(
                name=f"{EVALUATE}{item.name}",
                description=item.description,
                input_schema=schema,
                annotations=ToolAnnotations(read_only_hint=True),
            )
            for item in told.evaluators
        ]
        return ListToolsResult(tools=tools)

    async def call_tool(self, context: object, params: CallToolRequestParams) -> CallToolResult:
        from mcp.types import CallToolResult, TextContent

        try:
            value = await self._call(params.name, params.arguments or {})
        except PracticumError as error:
            return CallToolResult(content=[TextContent(text=error.message)], is_error=True)
        text = value if isinstance(value, str) else to_json(value).decode()
        structured = value if isinstance(value, dict) else None
        return CallToolResult(content=[TextContent(text=text)], structured_content=structured)

    async def _call(self, tool: str, args: dict[str, JsonValue]) -> JsonValue:
        told = self.description()
        evaluator = tool.removeprefix(EVALUATE)
        if told.action(tool) is None and any(item.name == evaluator for item in told.evaluators):
            check = await self._fleet.evaluate(self._plugin, evaluator, args.get("value"))
            return {"passed": check.passed, "summary": check.summary, "score": check.score}
        return await self._fleet.call(self._plugin, tool, args)

    async def list_resources(self, context: object, params: object) -> ListResourcesResult:
        from mcp.types import ListResourcesResult, Resource

        return ListResourcesResult(
            resources=[
                Resource(uri=self._uri(item.name), name=item.name, description=item.description, mime_type="text/plain")
                for item in self.description().providers
            ]
        )

    async def read_resource(self, context: object, params: ReadResourceRequestParams) -> ReadResourceResult:
        from mcp import MCPError
        from mcp.types import INVALID_PARAMS, ReadResourceResult, TextResourceContents

        uri = str(params.uri)
        name = next((item.name for item in self.description().providers if self._uri(item.name) == uri), None)
        if name is None:
            raise MCPError(INVALID_PARAMS, f"there is no resource {uri}")
        try:
            text = await self._fleet.provide(self._plugin, name)
        except PracticumError as error:
            raise MCPError(INVALID_PARAMS, error.message) from error
        return ReadResourceResult(contents=[TextResourceContents(uri=uri, text=text, mime_type="text/plain")])

    def _uri(self, provider: str) -> str:
        return f"plugin://{self._plugin}/{provider}"
