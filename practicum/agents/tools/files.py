"""Files of the agent's own workspace."""

from __future__ import annotations

import shutil
from typing import Annotated

from pydantic import Field

from practicum.agents.context import ToolContext
from practicum.api.tool import ToolError, tool

_MOST = 200_000

RelativePath = Annotated[str, Field(description="Path inside the workspace, such as shortlink/app.py")]


@tool(effect="read")
async def read_file(context: ToolContext, path: RelativePath) -> str:
    """Read a text file of the workspace."""
    target = context.path(path)
    if not target.is_file():
        raise ToolError(f"{path}: no such file")
    text = target.read_text(errors="replace")
    return text if len(text) <= _MOST else text[:_MOST] + f"\n[{len(text) - _MOST} more characters]"


@tool(effect="idempotent")
async def write_file(context: ToolContext, path: RelativePath, content: str) -> int:
    """Write a text file of the workspace, folders included. Returns its size in bytes."""
    target = context.path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.write_bytes(content.encode())


@tool(effect="idempotent")
async def edit_file(context: ToolContext, path: RelativePath, old: str, new: str) -> int:
    """Replace the one place where `old` stands in a file by `new`. Returns the line number of the change."""
    target = context.path(path)
    if not target.is_file():
        raise ToolError(f"{path}: no such file")
    text = target.read_text()
    count = text.count(old)
    if count != 1:
        raise ToolError(f"{path}: the text to replace stands there {count} times, it must be exactly once")
    target.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


@tool(effect="idempotent")
async def delete_file(context: ToolContext, path: RelativePath) -> bool:
    """Delete a file or folder of the workspace. Returns whether there was one."""
    target = context.path(path)
    if target == context.workspace.resolve():
        raise ToolError("the workspace itself cannot be deleted")
    if target.is_dir():
        shutil.rmtree(target)
        return True
    existed = target.exists()
    target.unlink(missing_ok=True)
    return existed


@tool(effect="read")
async def list_files(context: ToolContext, path: RelativePath = ".") -> list[str]:
    """List the files below a folder of the workspace, without git's own."""
    root = context.path(path)
    if not root.is_dir():
        raise ToolError(f"{path}: no such folder")
    found = (item for item in root.rglob("*") if item.is_file() and ".git" not in item.relative_to(root).parts)
    return sorted(context.relative(item) for item in found)[:2000]


FILES = (read_file, write_file, edit_file, delete_file, list_files)
