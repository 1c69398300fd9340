"""MCP both ways: a program that is a server and is asked, and the agent's tools, served to a program."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from outside_kit import boot_of, talk_with

from practicum.agents.outside.offering import MOST_CALLS, Offering
from practicum.api.model import ToolResult
from practicum.bus.events import ToolCalled, ToolReturned

mcp = pytest.importorskip("mcp")

SERVER = """
    import os, sys
    from mcp import Client
    from mcp.server import MCPServer

    server = MCPServer("own")
    turns = 0

    @server.tool()
    async def helper(x: int) -> int:
        return x

    @server.tool()
    async def run(input: str) -> str:
        global turns
        turns += 1
        print("thinking", file=sys.stderr)
        if input == "die":
            os._exit(3)
        if input == "fail":
            raise ValueError("not today")
        async with Client(os.environ["PRACTICUM_MCP_URL"]) as tools:
            names = {tool.name for tool in (await tools.list_tools()).tools}
            assert {"write_file", "send_message"} <= names
            made = await tools.call_tool("write_file", {"path": "moin.txt", "content": input})
            refused = await tools.call_tool("read_file", {"path": "../../secret"})
            unknown = await tools.call_tool("no_such_tool", {})
        said = [result.content[0].text for result in (made, refused, unknown)]
        return f"{turns} {[made.is_error, refused.is_error, unknown.is_error]} {said}"

    print("talk where none belongs", flush=True)
    server.run("stdio")
"""


async def test_a_server_is_asked_by_its_tool_and_calls_the_tools_of_its_role(tmp_path: Path) -> None:
    boot = boot_of(tmp_path / "me", SERVER, protocol="mcp", tools="mcp")
    async with talk_with(boot) as talk:
        first, second = await talk.give("moin"), await talk.give("moin moin")
        ended = await talk.give("die")
    assert first.startswith(
        "1 [False, True, True] ['4', '../../secret leads outside the workspace', \"there is no tool"
    )
    assert second.startswith("2 [False, True, True] ['9'")
    assert (tmp_path / "me" / "moin.txt").read_text() == "moin moin"
    called, returned = talk.of(ToolCalled), talk.of(ToolReturned)
    assert [(one.turn, one.tool) for one in called[:3]] == [(1, "write_file"), (1, "read_file"), (1, "no_such_tool")]
    assert [one.ok for one in returned] == [True, False, False] * 2
    assert len({one.call for one in called}) == 6
    assert "ended with exit code 3; it said last: " in ended
    assert "thinking" in ended


async def test_a_tool_that_fails_is_an_agent_that_failed(tmp_path: Path) -> None:
    async with talk_with(boot_of(tmp_path / "me", SERVER, protocol="mcp", tools="mcp")) as talk:
        assert "its tool run failed: " in await talk.give("fail")


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise SystemExit('no server here')", "ended with exit code 1; it said last: no server here"),
        ("print('{' * 3_000_000)\nraise SystemExit(2)", "ended with exit code 2"),
        (
            """
            from mcp.server import MCPServer
            server = MCPServer("own")
            for name in ("one", "two"):
                server.add_tool(lambda text: text, name=name)
            server.run("stdio")
            """,
            "its MCP server has no tool run or answer or ask or chat (it has: one, two)",
        ),
    ],
)
async def test_a_program_that_is_no_such_server_is_an_agent_that_failed(
    tmp_path: Path, program: str, said: str
) -> None:
    async with talk_with(boot_of(tmp_path / "me", program, protocol="mcp")) as talk:
        assert said in await talk.give("Go")


class Journal:
    """Keeps what is posted."""

    def __init__(self) -> None:
        self.posted: list[tuple[Any, str | None]] = []

    async def post(self, data: Any, *, cause: str | None = None, to: object = None) -> str:
        self.posted.append((data, cause))
        return f"event-{len(self.posted)}"

    store = post

    async def flush(self) -> None: ...


@asynccontextmanager
async def offered(tmp_path: Path) -> AsyncIterator[tuple[Offering, Journal, str]]:
    async with talk_with(boot_of(tmp_path / "me", "")) as talk:
        journal = Journal()
        offering = Offering(talk.agent.tools, journal)
        try:
            yield offering, journal, await offering.start()
        finally:
            await offering.close()


async def test_tools_are_served_at_one_address_that_nobody_guesses(tmp_path: Path) -> None:
    async with offered(tmp_path) as (_, journal, url), aiohttp.ClientSession() as session:
        root = url[: url.index("/", 8)]
        for wrong in ("/", "/mcp", url[len(root) : -4], f"{url[len(root) :]}/", f"/{'x' * 43}/mcp"):
            async with session.post(root + wrong, json={}) as answer:
                assert (answer.status, await answer.read()) == (404, b"")
        hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        accept = {"Accept": "application/json, text/event-stream"}
        async with session.post(url, json=hello, headers={**accept, "Host": "rebound.example"}) as answer:
            assert answer.status == 421
        async with mcp.Client(url) as client:
            assert "write_file" in {tool.name for tool in (await client.list_tools()).tools}
    assert journal.posted == []


async def test_a_call_is_refused_when_no_task_is_on(tmp_path: Path) -> None:
    async with offered(tmp_path) as (offering, journal, _):
        assert (await offering.call("list_files", {})).content.startswith("no task is on")
        offering.open(3, "event-of-the-request")
        assert (await offering.call("list_files", {})).ok
        offering.shut()
        assert not (await offering.call("list_files", {})).ok
    [(called, cause), (returned, answered)] = journal.posted
    assert (called.turn, called.tool, cause) == (3, "list_files", "event-of-the-request")
    assert (returned.ok, returned.call, answered) == (True, called.call, "event-1")


async def test_calls_of_one_turn_have_an_end(tmp_path: Path) -> None:
    async with offered(tmp_path) as (offering, journal, _):
        offering.open(1, "")
        results: list[ToolResult] = [await offering.call("no_such_tool", {}) for _ in range(MOST_CALLS + 1)]
        offering.open(2, "")
        again = await offering.call("list_files", {})
    assert results[-1].content == f"{MOST_CALLS} calls were made in this turn: no more"
    assert results[-2].content != results[-1].content
    assert again.ok
    assert len(journal.posted) == 2 * (MOST_CALLS + 1)


def test_the_sdk_is_imported_by_nobody_who_does_not_need_it() -> None:
    import subprocess

    code = "import sys; import practicum.agents.outside, practicum.runtime.programs; print('mcp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "False\n"
