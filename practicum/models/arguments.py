"""Reading the arguments of a tool call, which a model wrote and nobody checked."""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import from_json

from practicum.api.model import ToolRequest

_EXCERPT = 200

_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9_-]")


def read_call(id: str, tool: str, raw: str, *, cut: bool = False) -> ToolRequest:
    """A call as the loop wants it. Arguments that are not one JSON object make it `invalid`, never an exception.

    No text at all counts as no arguments: some servers send that for tools without parameters. `cut` says that the
    model was stopped in the middle, so that even arguments which happen to parse are not what it meant.
    """
    if cut:
        return ToolRequest(id, tool, {}, invalid="the answer reached its length limit inside this call: not made")
    if not raw.strip():
        return ToolRequest(id, tool, {})
    try:
        args: Any = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        return ToolRequest(id, tool, {}, invalid=f"the arguments are not JSON ({error}): {_excerpt(raw)}")
    if not isinstance(args, dict):
        return ToolRequest(id, tool, {}, invalid=f"the arguments must be a JSON object, not: {_excerpt(raw)}")
    return ToolRequest(id, tool, args)


def wire_id(id: str) -> str:
    """A call's id in the characters that both vendors take; a context may come from another vendor or a script."""
    return _NOT_IN_AN_ID.sub("_", id)


def _excerpt(raw: str) -> str:
    return raw if len(raw) <= _EXCERPT else f"{raw[:_EXCERPT]}... ({len(raw)} characters)"
