"""Writing an answer of Anthropic's Messages API, whole or as a stream. Source: https://docs.anthropic.com/en/api/messages-streaming."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from practicum.models.testing.checks import parsed
from practicum.models.testing.sending import Sending, parts

_STOPS = {"end": "end_turn", "tools": "tool_use", "length": "max_tokens", "refusal": "refusal"}

Block = dict[str, Any]


def whole(sending: Sending, signature: Callable[[str], str]) -> Block:
    """The body of an answer that is not streamed."""
    content: list[Block] = []
    if sending.thinking:
        content.append({"type": "thinking", "thinking": sending.thinking, "signature": signature(sending.thinking)})
    if sending.text:
        content.append({"type": "text", "text": sending.text})
    for call in sending.calls:
        args = parsed(call.arguments)
        content.append(
            {"type": "tool_use", "id": call.id, "name": call.tool, "input": args if isinstance(args, dict) else {}}
        )
    return {**_message(sending), "content": content, "stop_reason": _STOPS[sending.stop], "usage": _usage(sending)}


def stream(sending: Sending, signature: Callable[[str], str]) -> Iterator[bytes]:
    """The events of a streamed answer, each as it goes over the wire."""
    opening = {**_usage(sending), "output_tokens": 1}
    yield event("message_start", {"message": {**_message(sending), "usage": opening}})
    yield event("ping", {})
    at = 0
    if sending.thinking:
        deltas = [{"type": "thinking_delta", "thinking": part} for part in parts(sending.thinking)]
        deltas.append({"type": "signature_delta", "signature": signature(sending.thinking)})
        yield from _block(at, {"type": "thinking", "thinking": "", "signature": ""}, deltas)
        at += 1
    if sending.text:
        deltas = [{"type": "text_delta", "text": part} for part in parts(sending.text)]
        yield from _block(at, {"type": "text", "text": ""}, deltas)
        at += 1
    for call in sending.calls:
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in ("", *parts(call.arguments))]
        yield from _block(at, {"type": "tool_use", "id": call.id, "name": call.tool, "input": {}}, deltas)
        at += 1
    delta = {"stop_reason": _STOPS[sending.stop], "stop_sequence": None}
    yield event("message_delta", {"delta": delta, "usage": {"output_tokens": sending.output}})
    yield event("message_stop", {})


def event(name: str, data: Block) -> bytes:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


def _block(at: int, start: Block, deltas: list[Block]) -> Iterator[bytes]:
    yield event("content_block_start", {"index": at, "content_block": start})
    for delta in deltas:
        yield event("content_block_delta", {"index": at, "delta": delta})
    yield event("content_block_stop", {"index": at})


def _message(sending: Sending) -> Block:
    return {
        "id": sending.id,
        "type": "message",
        "role": "assistant",
        "model": sending.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _usage(sending: Sending) -> dict[str, int]:
    return {
        "input_tokens": sending.input.fresh,
        "cache_read_input_tokens": sending.input.read,
        "cache_creation_input_tokens": sending.input.written,
        "output_tokens": sending.output,
    }
