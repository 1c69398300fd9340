"""`human`: a person decides, on a terminal."""

from __future__ import annotations

import asyncio
import os
import re
import unicodedata

from pydantic_core import to_json

from practicum.api.model import (
    AssistantMessage,
    Message,
    ModelRequest,
    ModelTurn,
    ToolMessage,
    ToolRequest,
    ToolSpec,
    UserMessage,
)
from practicum.errors import ModelError, UsageError
from practicum.models.arguments import read_call

_HELP = """\
  TOOL {"argument": "value"}   call a tool (several lines joined by && at their end are called together)
  say TEXT                     add to what you say with your next answer
  done                         end the turn
  tools                        the tools, with what they do
  help TOOL                    the arguments of a tool
"""

_LINE = re.compile(r"^\s*(\S+)\s*(.*?)\s*$", re.DOTALL)


class HumanModel:
    """Shows what is new, reads commands, gives them as a turn. Waits as long as the person does.

    Line editing is the terminal's own. What agents and services wrote is shown without control characters: it cannot
    move the cursor or retitle the window.
    """

    def __init__(self, *, agent: str, terminal: int | None = None) -> None:
        """`terminal` is a file descriptor of a terminal, which stays the caller's; None opens the controlling one.

        Raises:
            UsageError: there is no terminal.
        """
        self.name = "human"
        self._agent = agent or "you"
        self._fd = _open(terminal)
        self._partial = b""
        self._shown = 0
        self._calls = 0

    async def respond(self, request: ModelRequest) -> ModelTurn:
        """Ask the person for one turn.

        Raises:
            ModelError: the terminal was closed.
        """
        # What we said ourselves stands in the context by now and need not be shown again.
        new = [one for one in request.messages[self._shown :] if not isinstance(one, AssistantMessage)]
        self._shown = len(request.messages)
        self._write(f"\n--- {self._agent} ---\n")
        for message in new:
            self._write(_rendered(message) + "\n")
        tools = {tool.name: tool for tool in request.tools}
        self._write(f"tools: {', '.join(tools) or 'none'}   (say, done, tools, help)\n")
        return await self._turn(tools)

    async def _turn(self, tools: dict[str, ToolSpec]) -> ModelTurn:
        said: list[str] = []
        calls: list[ToolRequest] = []
        while True:
            self._write(f"{self._agent}{' +' if calls else ''}> ")
            line = await self._line()
            match = _LINE.match(line)
            if match is None:
                continue
            word, rest = match.groups()
            if word == "say":
                said.append(rest)
            elif word == "done":
                return ModelTurn(text="\n".join(said), calls=tuple(calls), stop="tools" if calls else "end")
            elif word == "tools":
                self._write("".join(f"  {tool.name}  {_first_line(tool.description)}\n" for tool in tools.values()))
            elif word == "help":
                self._write(_explained(tools, rest))
            elif word in tools:
                more = rest.endswith("&&")
                self._calls += 1
                call = read_call(f"call-{self._calls}", word, rest.removesuffix("&&"))
                if call.invalid:
                    self._write(f"  {call.invalid}\n")
                    continue
                calls.append(call)
                if not more:
                    return ModelTurn(text="\n".join(said), calls=tuple(calls), stop="tools")
            else:
                self._write(f"  {_plain(word)!r} is neither a tool nor a command\n{_HELP}")

    async def _line(self) -> str:
        """The next line; the loop goes on meanwhile.

        Raises:
            ModelError: the terminal was closed (Ctrl-D, or it hung up).
        """
        loop = asyncio.get_running_loop()
        while b"\n" not in self._partial:
            ready = asyncio.Event()
            loop.add_reader(self._fd, ready.set)
            try:
                await ready.wait()
            finally:
                loop.remove_reader(self._fd)
            try:
                got = os.read(self._fd, 65536)
            except OSError as error:
                raise ModelError(f"{self.name}: the terminal hung up ({error.strerror})") from error
            if not got:
                raise ModelError(f"{self.name}: the terminal was closed before the turn was done")
            self._partial += got
        line, _, self._partial = self._partial.partition(b"\n")
        return line.decode(errors="replace")

    def _write(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self._fd, data) :]

    async def close(self) -> None:
        """Let the terminal go."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _open(terminal: int | None) -> int:
    """Our own descriptor of a terminal."""
    hint = "run practicum in a terminal, or give this agent another model"
    if terminal is None:
        try:
            return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            raise UsageError(f"the model human needs a terminal ({error.strerror})", hint=hint) from error
    if not os.isatty(terminal):
        raise UsageError(f"the model human needs a terminal, and descriptor {terminal} is none", hint=hint)
    return os.dup(terminal)


def _rendered(message: Message) -> str:
    if isinstance(message, UserMessage):
        return _plain(message.text)
    if isinstance(message, ToolMessage):
        lines = []
        for result in message.results:
            content = result.content if isinstance(result.content, str) else to_json(result.content, indent=2).decode()
            lines.append(f"{'ok' if result.ok else 'FAILED'}  {_plain(content)}")
        return "\n".join(lines)
    return ""


def _explained(tools: dict[str, ToolSpec], name: str) -> str:
    tool = tools.get(name)
    if tool is None:
        return _HELP
    return f"  {tool.name}: {_plain(tool.description)}\n{to_json(tool.schema, indent=2).decode()}\n"


def _first_line(text: str) -> str:
    return _plain(text.strip().partition("\n")[0])


def _plain(text: str) -> str:
    """`text` without characters that a terminal would obey, or that reorder what is read (categories Cc, Cf)."""
    return "".join(one if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf") else "�" for one in text)
