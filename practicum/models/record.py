"""Messages and turns as the trajectory holds them, and back."""

from __future__ import annotations

from typing import Any, get_args

from practicum.api.model import (
    AssistantMessage,
    Message,
    ModelTurn,
    ModelUsage,
    StopReason,
    ToolMessage,
    ToolRequest,
    ToolResult,
    UserMessage,
)
from practicum.bus.events import Json, ModelAnswered
from practicum.errors import TrajectoryError

_STOPS: dict[str, StopReason] = {stop: stop for stop in get_args(StopReason)}


def call_json(call: ToolRequest) -> dict[str, Json]:
    """One call, as `model.answered` and `model.requested` hold it."""
    value: dict[str, Json] = {"id": call.id, "tool": call.tool, "args": call.args}
    if call.invalid:
        value["invalid"] = call.invalid
    return value


def call_of(value: dict[str, Any]) -> ToolRequest:
    """What `call_json` wrote."""
    return ToolRequest(value["id"], value["tool"], value["args"], value.get("invalid", ""))


def message_json(message: Message) -> dict[str, Json]:
    """One message, as `model.requested` holds it. Vendor parts are not here: they stand in `model.answered`."""
    match message:
        case UserMessage():
            return {"role": "user", "text": message.text, "items": list(message.items)}
        case AssistantMessage():
            return {"role": "assistant", "text": message.text, "calls": [call_json(call) for call in message.calls]}
        case ToolMessage():
            return {
                "role": "tool",
                "results": [{"call": one.call, "ok": one.ok, "content": one.content} for one in message.results],
            }


def message_of(value: dict[str, Any]) -> Message:
    """What `message_json` wrote.

    Raises:
        TrajectoryError: it is no message.
    """
    try:
        match value["role"]:
            case "user":
                return UserMessage(value["text"], tuple(value["items"]))
            case "assistant":
                return AssistantMessage(value["text"], tuple(call_of(call) for call in value["calls"]))
            case "tool":
                results = (ToolResult(one["call"], one["ok"], one["content"]) for one in value["results"])
                return ToolMessage(tuple(results))
    except (KeyError, TypeError) as error:
        raise TrajectoryError(f"not a message: {error!r} in {str(value)[:200]}") from error
    raise TrajectoryError(f"not a message: role {value['role']!r}")


def turn_of(answered: ModelAnswered) -> ModelTurn:
    """The turn that an event recorded.

    Raises:
        TrajectoryError: its stop reason is unknown.
    """
    stop = _STOPS.get(answered.stop)
    if stop is None:
        raise TrajectoryError(f"an answer stopped for an unknown reason: {answered.stop!r}")
    used = answered.usage
    return ModelTurn(
        text=answered.text,
        calls=tuple(call_of(dict(call)) for call in answered.calls),
        stop=stop,
        usage=ModelUsage(
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cache_read_tokens=used.cache_read_tokens,
            cache_write_tokens=used.cache_write_tokens,
            cost_usd=used.cost_usd,
        ),
        opaque=answered.opaque,
    )
