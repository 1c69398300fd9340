"""Plugins served by MCP to the official client, and MCP servers of the official SDK mounted as plugins."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import pytest
from fleet_kit import Heard, quick_fleet
from plugin_wheels import wheel

from practicum.api.sandbox import Mount
from practicum.errors import UsageError
from practicum.plugins.host.errors import PluginCallError, PluginLoadError, PluginUnavailableError
from practicum.plugins.host.fleet import Fleet
from practicum.plugins.mcp.mount import Address, Command, mounted
from practicum.plugins.mcp.server import serve_http
from practicum.plugins.store import Store

pytest.importorskip("mcp", reason="the extra mcp is not installed")
pytestmark = pytest.mark.sandbox

METER = '''
from typing import Any
from practicum.api.plugin import Check, Plugin, PluginContext, PluginError, action, evaluator, provider

@action(effect="read")
async def feet(context: PluginContext, metres: float) -> dict[str, float]:
    """Metres as feet."""
    if metres < 0:
        raise PluginError("lengths are not negative")
    return {"feet": round(metres / 0.3048, 2)}

@action(effect="once")
async def version(context: PluginContext) -> str:
    """Which one."""
    return "VERSION"

@provider()
async def units(context: PluginContext) -> str:
    """Known units."""
    return "metres, feet"

@evaluator()
async def plausible(context: PluginContext, value: Any) -> Check:
    """Is it a length of this world?"""
    return Check(0 <= value < 1e8, f"{value} m")

plugin = Plugin(name="meter", version="VERSION", description="Converts.", actions=(feet, version),
                providers=(units,), evaluators=(plausible,))
'''

SERVER = '''
import sys
from mcp.server import MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("clock", instructions="Tells times.")

@server.tool(annotations=ToolAnnotations(readOnlyHint=True))
def add_minutes(hour: int, minutes: int = 0) -> dict[str, int]:
    """Minutes since midnight."""
    print("talk that belongs to nobody", file=sys.stderr)
    return {"minutes": hour * 60 + minutes}

@server.tool()
def refuse(why: str) -> str:
    """Always refuses."""
    raise ValueError(f"no: {why}")

@server.tool()
def look() -> str:
    """What can be seen."""
    import os, socket
    try:
        socket.create_connection(("1.1.1.1", 53), 1)
        net = "net"
    except OSError:
        net = "no net"
    return f"{sorted(name for name in os.environ if 'KEY' in name)} {net}"

server.run("stdio")
'''


async def test_a_plugin_served_over_http_is_used_by_the_official_client_through_a_swap(
    fleet: Fleet, tmp_path: Path
) -> None:
    from mcp import Client, MCPError

    await fleet.install(wheel(tmp_path / "wheels", "meter", "0.1.0", METER))
    async with serve_http(fleet, "meter") as address, Client(address) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"feet", "version", "evaluate_plausible"}
        assert tools["feet"].input_schema["required"] == ["metres"]
        assert tools["feet"].annotations is not None
        assert tools["feet"].annotations.read_only_hint is True
        done = await client.call_tool("feet", {"metres": 100})
        assert (done.structured_content, done.is_error) == ({"feet": 328.08}, False)
        refused = await client.call_tool("feet", {"metres": -1})
        assert (refused.is_error, refused.content[0].text) == (True, "lengths are not negative")  # type: ignore[union-attr]
        check = await client.call_tool("evaluate_plausible", {"value": -3})
        assert check.structured_content == {"passed": False, "summary": "-3 m", "score": None}
        [resource] = (await client.list_resources()).resources
        read = await client.read_resource(resource.uri)
        assert read.contents[0].text == "metres, feet"  # type: ignore[union-attr]
        with pytest.raises(MCPError):
            await client.read_resource("plugin://meter/nothing")
        await fleet.install(wheel(tmp_path / "wheels", "meter", "0.2.0", METER))
        assert (await client.call_tool("version", {})).content[0].text == "0.2.0"  # type: ignore[union-attr]
    with pytest.raises(PluginLoadError, match="cannot be reached"):
        async with mounted("gone", Address(address)):
            pass
    with pytest.raises(PluginUnavailableError):
        async with serve_http(fleet, "nothing"):
            pass


async def test_the_address_is_not_to_be_guessed(fleet: Fleet, tmp_path: Path) -> None:
    await fleet.install(wheel(tmp_path / "wheels", "meter", "0.1.0", METER))
    async with serve_http(fleet, "meter") as address:
        port = int(address.split(":")[2].split("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 404")
        await reader.read()
        writer.close()
        await writer.wait_closed()


async def test_a_port_that_cannot_be_had_is_said(fleet: Fleet, tmp_path: Path) -> None:
    await fleet.install(wheel(tmp_path / "wheels", "meter", "0.1.0", METER))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for port in (taken.getsockname()[1], 99_999):
            with pytest.raises(UsageError, match=f"port {port}: "):
                async with serve_http(fleet, "meter", port=port):
                    pass


async def test_an_installed_plugin_is_served_over_input_and_output(tmp_path: Path, heard: Heard, store: Store) -> None:
    from mcp import Client, StdioServerParameters

    installed, _ = await store.add(wheel(tmp_path / "wheels", "meter", "0.1.0", METER))
    store.activate("meter", installed.version)
    arguments = ["-m", "practicum.plugins.mcp", "meter"]
    home = {"PRACTICUM_HOME": str(store.root.parent)}
    for told, env in ((["--store", str(store.root)], None), ([], home)):
        server = StdioServerParameters(command=sys.executable, args=[*arguments, *told], env=env)
        async with Client(server) as client:
            assert (await client.call_tool("feet", {"metres": 1})).structured_content == {"feet": 3.28}


async def test_a_program_that_speaks_mcp_is_mounted_as_a_plugin_and_runs_in_a_sandbox(
    fleet: Fleet, tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of the host")
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "clock.py").write_text(SERVER)
    command = Command((sys.executable, "/server/clock.py"), mounts=(Mount(tmp_path / "server", "/server"),))
    async with mounted("clock", command) as plugin:
        loaded = await fleet.lend(plugin)
        assert [(action.name, action.effect) for action in loaded.description.actions] == [
            ("add_minutes", "read"), ("refuse", "once"), ("look", "once"),
        ]  # fmt: skip
        assert loaded.description.actions[0].arguments["properties"]["hour"]["type"] == "integer"
        assert await fleet.call("clock", "add_minutes", {"hour": 2}) == {"minutes": 120}
        with pytest.raises(PluginCallError, match="Error executing tool refuse") as caught:
            await fleet.call("clock", "refuse", {"why": "tired"})
        assert caught.value.kind == "failed"
        with pytest.raises(PluginCallError, match="Field required"):
            await fleet.call("clock", "add_minutes", {"minutes": 2})
        assert "[] no net" in str(await fleet.call("clock", "look"))
        assert await fleet.health() == {"clock": ""}
    assert "plugin.installed" in heard.types()


async def test_what_speaks_no_mcp_is_not_mounted(tmp_path: Path) -> None:
    with pytest.raises(PluginLoadError, match="cannot be reached"):
        async with mounted("mute", Command((sys.executable, "-c", "print('hello')"))):
            pass


async def test_a_plugin_of_ours_served_by_mcp_is_mounted_again(store: Store, heard: Heard, tmp_path: Path) -> None:
    async with quick_fleet(store, heard) as fleet:
        await fleet.install(wheel(tmp_path / "wheels", "meter", "0.1.0", METER))
        async with serve_http(fleet, "meter") as address, mounted("meter-again", Address(address)) as plugin:
            await fleet.lend(plugin)
            assert await fleet.call("meter-again", "feet", {"metres": 10}) == {"feet": 32.81}
            await fleet.remove("meter-again")
