"""An MCP server mounted as a plugin: each of its tools is an action."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model

from practicum.api.plugin import Action, Plugin, PluginContext, PluginError
from practicum.api.sandbox import Limits, Mount, SandboxProvider
from practicum.api.tool import Effect
from practicum.errors import PracticumError
from practicum.plugins.host.errors import PluginLoadError
from practicum.plugins.host.limits import SANDBOX
from practicum.plugins.mcp.program import program
from practicum.plugins.mcp.sdk import need_sdk

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult, Tool

_START_S = 30.0
_PING_S = 5.0
_STOP_S = 8.0
_MOST_TOOLS = 500
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Command:
    """An MCP server that is a program: run in a sandbox without network, and asked over its input and output."""

    argv: tuple[str, ...]
    mounts: tuple[Mount, ...] = ()
    """Its files. The interpreter that runs us and its libraries are there anyhow."""
    cwd: str = "/tmp"
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: Limits = SANDBOX


@dataclass(frozen=True, slots=True)
class Address:
    """An MCP server that listens already: streamable HTTP."""

    url: str = field(repr=False)


Target = Command | Address


@asynccontextmanager
async def mounted(
    name: str, target: Target, *, version: str = "0.0.0", sandboxes: SandboxProvider | None = None
) -> AsyncIterator[Plugin]:
    """The server as a plugin while the context lasts; `Fleet.lend` lets it serve. `sandboxes` is picked by default.

    Raises:
        MissingExtraError: the SDK is not installed.
        PluginLoadError: it does not start or answer, or is no MCP server.
        SandboxError: there is no sandbox to run its program in.
    """
    need_sdk("mounting an MCP server")
    ready: asyncio.Future[tuple[Client, list[Tool]]] = asyncio.get_running_loop().create_future()
    closing = asyncio.Event()
    # A task of its own: the SDK wants to be left by the task that entered it, and would wrap what the body raises.
    life = asyncio.create_task(_live(target, sandboxes, ready, closing), name=f"mcp-{name}")
    try:
        either: set[asyncio.Future[Any]] = {ready, life}
        await asyncio.wait(either, timeout=_START_S, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            raise _unreachable(name, version, life)
        client, tools = ready.result()
        yield Plugin(
            name=name,
            version=version,
            description=client.instructions or "",
            actions=tuple(_action(client, tool) for tool in tools),
            services=(lambda: _Connection(client),),
        )
    finally:
        closing.set()
        if not ready.done():
            life.cancel()
        _, late = await asyncio.wait({life}, timeout=_STOP_S)
        if late:
            life.cancel()
            await asyncio.wait({life})
        if not life.cancelled():
            life.exception()  # a server that died meanwhile is told by its health, and at each call


async def _live(
    target: Target,
    sandboxes: SandboxProvider | None,
    ready: asyncio.Future[tuple[Client, list[Tool]]],
    closing: asyncio.Event,
) -> None:
    from mcp import Client

    async with AsyncExitStack() as stack:
        transport: Any
        if isinstance(target, Address):
            transport = target.url
        else:
            transport = await stack.enter_async_context(program(target, sandboxes))
        client = await stack.enter_async_context(Client(transport))
        ready.set_result((client, await _tools(client)))
        await closing.wait()


def _unreachable(name: str, version: str, life: asyncio.Task[None]) -> PracticumError:
    if not life.done():
        return PluginLoadError(name, version, f"the MCP server did not answer within {_START_S:g} s")
    error: BaseException | None = life.exception()
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, PracticumError):
        return error
    return PluginLoadError(name, version, f"the MCP server cannot be reached: {error or type(error).__name__}")


async def _tools(client: Client) -> list[Tool]:
    found: list[Tool] = []
    cursor: str | None = None
    while True:
        page = await client.list_tools(cursor=cursor)
        found += page.tools
        cursor = page.next_cursor
        if cursor is None or len(found) >= _MOST_TOOLS:
            return found[:_MOST_TOOLS]


class _Connection:
    """Whether the server is still there."""

    name = "connection"

    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self, context: PluginContext) -> None:
        """It is open already."""

    async def stop(self) -> None:
        """Whoever mounted it closes it."""

    async def health(self) -> str:
        """Ask it for its tools, which every server of every version of the protocol answers."""
        from mcp import MCPError

        try:
            async with asyncio.timeout(_PING_S):
                await self._client.list_tools()
        except (MCPError, OSError, TimeoutError) as error:
            return f"the MCP server does not answer: {error or type(error).__name__}"
        return ""


class _Foreign(BaseModel):
    """Arguments whose schema is the server's. It checks them itself; we see that none is missing and none too many."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    foreign: ClassVar[dict[str, Any]] = {}

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As the server has it."""
        return cls.foreign


def _action(client: Client, tool: Tool) -> Action[Any]:
    properties = list(tool.input_schema.get("properties", {}))
    required = set(tool.input_schema.get("required", ()))
    # A property may be called what no attribute can be.
    fields: dict[str, Any] = {
        f"field_{number}": (Any, Field(... if name in required else _MISSING, alias=name))
        for number, name in enumerate(properties)
    }
    arguments = create_model(f"{tool.name}_arguments", __base__=_Foreign, **fields)
    arguments.foreign = dict(tool.input_schema)

    async def call(context: PluginContext, **given: Any) -> Any:
        args = {properties[int(key[6:])]: value for key, value in given.items() if value is not _MISSING}
        return await _call(client, tool.name, args)

    return Action(tool.name, tool.description or tool.name, _effect(tool), call, arguments, TypeAdapter(Any))


def _effect(tool: Tool) -> Effect:
    """By the server's own hints, which decide no more than whether a call that was cut short is made again."""
    hints = tool.annotations
    if hints is not None and hints.read_only_hint:
        return "read"
    return "idempotent" if hints is not None and hints.idempotent_hint else "once"


async def _call(client: Client, tool: str, args: dict[str, Any]) -> Any:
    from mcp import MCPError

    try:
        result: CallToolResult = await client.call_tool(tool, args)
    except (MCPError, OSError) as error:
        raise PluginError(f"the MCP server did not answer: {error or type(error).__name__}") from error
    text = "\n".join(block.text if block.type == "text" else f"[{block.type}]" for block in result.content)
    if result.is_error:
        raise PluginError(text or f"{tool} failed")
    return result.structured_content if result.structured_content is not None else text
