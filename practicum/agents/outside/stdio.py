"""The protocol `stdio`: JSON, one object a line, over the program's input and output.

To the program: `{"type": "task", "turn": 1, "text": ..., "events": [...]}`, the first time with `agent`, `role`,
`team`, `instructions` and `tools` besides; `{"type": "result", "id": ..., "ok": ..., "result" or "error": ...}`.
From the program: `{"type": "answer", "text": ...}` ends the turn, `{"type": "call", "id": ..., "tool": ..., "args":
{...}}` calls a tool of its role. Lines that are neither are taken as talk.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pydantic_core import from_json, to_json

from practicum.agents.outside.asking import Task, answer
from practicum.agents.outside.running import Running
from practicum.api.model import ModelRequest, ModelTurn, ToolMessage, ToolRequest
from practicum.errors import ModelError


class StdioDialogue:
    """Speaks with a program that lives as long as the run; one that ends by itself between two turns starts again."""

    def __init__(self, start: Callable[[], Awaitable[Running]], *, agent: str, role: str, team: dict[str, str]) -> None:
        self._start = start
        self._who: dict[str, object] = {"agent": agent, "role": role, "team": team}
        self._program: Running | None = None
        self._called = 0
        self._its_id: object = ""

    async def ask(self, request: ModelRequest, task: Task | None) -> ModelTurn:
        """See `Dialogue`."""
        while True:
            program, fresh = self._program, False
            if program is None:
                program, fresh = await self._start(), True
                self._program = program
            if task is None:
                await self._result(program, request)
            else:
                await self._send(program, task, request, first=fresh)
            found = await self._listen(program)
            if found is not None:
                return found
            said, code = await program.ended(), await program.stop()
            self._program = None
            if fresh or code != 0 or task is None:
                raise ModelError(
                    f"the program {said}",
                    hint='it wrote no line {"type": "answer", "text": ...}; protocol: text takes all that it prints',
                )
            # It had ended after its last answer, as it may: the task is for a new one.

    async def _listen(self, program: Running) -> ModelTurn | None:
        """Its answer or call; None when it ends without one."""
        while (line := await program.line()) is not None:
            found = self._read(line)
            if found is not None:
                return found
            program.words.add(line)
        return None

    async def close(self) -> None:
        """See `Dialogue`."""
        if self._program is not None:
            await self._program.stop()

    async def _send(self, program: Running, task: Task, request: ModelRequest, *, first: bool) -> None:
        value: dict[str, object] = {"type": "task", "turn": task.turn, "text": task.text, "events": task.events}
        if first:
            tools = [
                {"name": tool.name, "description": tool.description, "parameters": tool.schema}
                for tool in request.tools
            ]
            value |= {**self._who, "instructions": request.system, "tools": tools}
        await program.write(to_json(value))

    async def _result(self, program: Running, request: ModelRequest) -> None:
        last = request.messages[-1]
        assert isinstance(last, ToolMessage)
        for result in last.results:
            said = {"result": result.content} if result.ok else {"error": result.content}
            await program.write(to_json({"type": "result", "id": self._its_id, "ok": result.ok, **said}))

    def _read(self, line: bytes) -> ModelTurn | None:
        """An answer or a call; None for anything else."""
        try:
            value = from_json(line)
        except ValueError:
            return None
        match value:
            case {"type": "answer", "text": str(text)}:
                return answer(text)
            case {"type": "call", "tool": str(tool), **rest}:
                args = rest.get("args", {})
                self._called += 1
                self._its_id = rest.get("id", self._called)
                if isinstance(args, dict):
                    call = ToolRequest(f"call-{self._called}", tool, args)
                else:
                    call = ToolRequest(f"call-{self._called}", tool, {}, "args must be an object")
                return ModelTurn(calls=(call,), stop="tools")
            case _:
                return None
