"""`tool.*`: one call of a tool and its result."""

from __future__ import annotations

from typing import Literal

from practicum.bus.events.base import Data, Json

Effect = Literal["read", "idempotent", "once"]


class ToolCalled(Data, type="tool.called"):
    """An agent is about to call a tool. For `once` tools the event is stored before the call is made."""

    turn: int
    call: str
    """The call's id, as the model gave it; unique within the agent."""
    tool: str
    args: dict[str, Json]
    effect: Effect


class ToolReturned(Data, type="tool.returned"):
    """The call's result."""

    turn: int
    call: str
    tool: str
    ok: bool
    result: Json = None
    error: str = ""
    ms: float = 0.0
