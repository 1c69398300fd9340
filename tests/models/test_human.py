from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Iterator

import pytest
from model_kit import request

from practicum.api.model import AssistantMessage, ToolMessage, ToolResult, UserMessage
from practicum.errors import ModelError, UsageError
from practicum.models.human import HumanModel
from practicum.models.registry import open_model, parse_model

_SEEN = b"<all of it>"


class Person:
    """The other end of a terminal."""

    def __init__(self, fd: int, terminal: int) -> None:
        self.fd, self._terminal = fd, terminal

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def sees(self) -> str:
        """Everything that was written so far: a terminal passes it on in its own time, and in its order."""
        os.write(self._terminal, _SEEN)
        seen = b""
        while not seen.endswith(_SEEN):
            seen += os.read(self.fd, 65536)
        return seen.removesuffix(_SEEN).decode().replace("\r\n", "\n")


@pytest.fixture
def terminal() -> Iterator[tuple[Person, int]]:
    ours, theirs = os.openpty()
    yield Person(ours, theirs), theirs
    os.close(ours)
    os.close(theirs)


async def test_a_person_sees_what_is_new_and_calls_a_tool(terminal: tuple[Person, int]) -> None:
    person, fd = terminal
    model = open_model(parse_model("human"), agent="dev-1", terminal=fd)
    person.type('say On it.\nread_file {"path": "a.md"}\n')
    turn = await model.respond(request(UserMessage("Issue #1 was opened.")))
    assert (turn.text, turn.stop) == ("On it.", "tools")
    assert [(call.id, call.tool, call.args) for call in turn.calls] == [("call-1", "read_file", {"path": "a.md"})]
    seen = person.sees()
    assert "Issue #1 was opened." in seen
    assert "tools: read_file, deploy" in seen
    person.type("done\n")
    results = ToolMessage((ToolResult("call-1", False, "no such file"),))
    said = AssistantMessage(turn.text, turn.calls)
    last = await model.respond(request(UserMessage("Issue #1 was opened."), said, results))
    assert (last.text, last.calls, last.stop) == ("", (), "end")
    seen = person.sees()
    assert "FAILED  no such file" in seen
    assert "Issue #1" not in seen
    await model.close()


async def test_several_calls_at_once_and_mistakes_are_forgiven(terminal: tuple[Person, int]) -> None:
    person, fd = terminal
    model = HumanModel(agent="dev-1", terminal=fd)
    person.type('\nraed_file\nread_file {"path"\nhelp deploy\nread_file {"path": "a"} &&\ndeploy\n')
    turn = await model.respond(request())
    assert [(call.tool, call.args) for call in turn.calls] == [("read_file", {"path": "a"}), ("deploy", {})]
    assert len({call.id for call in turn.calls}) == 2
    seen = person.sees()
    assert "'raed_file' is neither a tool nor a command" in seen
    assert "the arguments are not JSON" in seen
    assert '"version"' in seen
    await model.close()


async def test_others_go_on_while_a_person_thinks(terminal: tuple[Person, int]) -> None:
    person, fd = terminal
    model = HumanModel(agent="dev-1", terminal=fd)
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(model.respond(request()))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not asked.done()
        person.type("say half a ")
        for _ in range(20):
            await asyncio.sleep(0)
        person.type("line\ndone\n")
    assert asked.result().text == "half a line"
    await model.close()


async def test_what_agents_write_cannot_drive_the_terminal(terminal: tuple[Person, int]) -> None:
    person, fd = terminal
    model = HumanModel(agent="dev-1", terminal=fd)
    person.type("done\n")
    await model.respond(request(UserMessage("\x1b]0;owned\x07 \x1b[2J \u202egnp.exe \x9b31m")))
    shown = person.sees()
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(shown)
    await model.close()


async def test_a_closed_terminal_is_an_error() -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    model = HumanModel(agent="dev-1", terminal=theirs)
    os.close(theirs)
    os.close(ours)
    with pytest.raises((ModelError, OSError)):
        await model.respond(request())
    await model.close()


async def test_the_end_of_input_is_an_error(terminal: tuple[Person, int]) -> None:
    person, fd = terminal
    model = HumanModel(agent="dev-1", terminal=fd)
    person.type("\x04")
    with pytest.raises(ModelError, match="closed before the turn was done"):
        await model.respond(request())
    await model.close()


def test_without_a_terminal_a_person_cannot_be_asked() -> None:
    read, write = os.pipe()
    with pytest.raises(UsageError, match="needs a terminal"):
        open_model(parse_model("human"), terminal=read)
    os.close(read)
    os.close(write)


def test_without_a_controlling_terminal_either() -> None:
    import subprocess
    import sys

    code = "from practicum.models.human import HumanModel\nHumanModel(agent='x')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, start_new_session=True, timeout=30, check=False
    )
    assert "UsageError" in done.stderr
    assert "needs a terminal" in done.stderr
