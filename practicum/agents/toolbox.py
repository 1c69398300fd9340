"""The tools that one agent has, and how a call of one becomes a result."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog
from pydantic import ValidationError

from practicum.agents.context import ToolContext
from practicum.api.model import ToolRequest, ToolResult, ToolSpec
from practicum.api.tool import Effect, Tool, ToolError
from practicum.errors import PracticumError

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call."""

    result: ToolResult
    ms: float


class ToolRunner(Protocol):
    """Executes calls, or answers them from a record."""

    specs: tuple[ToolSpec, ...]

    def effect(self, tool: str) -> Effect: ...

    async def run(self, request: ToolRequest, cause: str) -> Outcome:
        """Make the call. Failures are results, not exceptions."""
        ...


class Toolbox:
    """Validates arguments, calls the function, turns its result into JSON."""

    def __init__(self, tools: Iterable[Tool[Any]], context: ToolContext) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._context = context
        self.specs = tuple(ToolSpec(tool.name, tool.description, tool.schema()) for tool in self._tools.values())

    def effect(self, tool: str) -> Effect:
        found = self._tools.get(tool)
        return found.effect if found else "read"

    async def run(self, request: ToolRequest, cause: str) -> Outcome:
        start = time.perf_counter()
        ok, content = await self._call(request, cause)
        return Outcome(ToolResult(request.id, ok, content), (time.perf_counter() - start) * 1000)

    async def _call(self, request: ToolRequest, cause: str) -> tuple[bool, Any]:
        tool = self._tools.get(request.tool)
        if tool is None:
            return False, f"there is no tool {request.tool!r}; there are: {', '.join(sorted(self._tools))}"
        if request.invalid:
            return False, request.invalid
        try:
            arguments = tool.arguments.model_validate(request.args)
        except ValidationError as error:
            return False, f"the arguments do not fit: {_problems(error)}"
        given = {name: getattr(arguments, name) for name in type(arguments).model_fields}
        try:
            value = await tool.function(replace(self._context, cause=cause), **given)
            return True, tool.result.dump_python(value, mode="json")
        except ToolError as error:
            return False, str(error)
        except PracticumError as error:
            return False, error.message
        except Exception as error:  # the outermost edge of a call: a failing tool is a result, and it is on record
            _log.warning("tool failed", tool=request.tool, error=type(error).__name__, exc_info=True)
            return False, f"{type(error).__name__}: {error}"


def _problems(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}" for item in error.errors())
