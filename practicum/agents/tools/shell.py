"""Executing commands, in a sandbox of their own."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field
from pydantic_core import from_json, to_json

from practicum.agents.context import ToolContext
from practicum.api.tool import ToolError, tool


class Executed(BaseModel):
    """What came of a command."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool = False
    out_of_memory: bool = False
    truncated: bool = False


@tool(effect="idempotent")
async def run_command(
    context: ToolContext,
    command: Annotated[str, Field(description="A bash command line")],
    cwd: Annotated[str, Field(description="Folder inside the workspace")] = ".",
    timeout: Annotated[float, Field(description="Seconds", gt=0, le=600)] = 60,
) -> Executed:
    """Run a command in a sandbox that has the workspace and no network. A failing command is a result, not an error."""
    folder = context.relative(context.path(cwd))
    request = {"argv": ["bash", "-c", command], "cwd": folder, "timeout": timeout, "cause": context.cause}
    reply = from_json(await context.ask("launcher", "exec", to_json(request), timeout + 30))
    if "error" in reply:
        raise ToolError(str(reply["error"]))
    return Executed.model_validate(reply)


SHELL = (run_command,)
