"""Writing a chat completion, whole or as a stream. Source: https://platform.openai.com/docs/api-reference/chat-streaming."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from practicum.models.testing.sending import Sending, parts

_STOPS = {"end": "stop", "tools": "tool_calls", "length": "length", "refusal": "stop"}

_CREATED = 1_700_000_000
"""The same in every answer: nothing reads it, and recordings compare equal."""

Block = dict[str, Any]


def whole(sending: Sending) -> Block:
    """The body of an answer that is not streamed."""
    refused = sending.stop == "refusal"
    message: Block = {
        "role": "assistant",
        "content": None if refused else sending.text or None,
        "refusal": sending.text if refused else None,
    }
    if sending.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.tool, "arguments": call.arguments}}
            for call in sending.calls
        ]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _STOPS[sending.stop]}
    return {**_head(sending, "chat.completion"), "choices": [choice], "usage": _usage(sending)}


def stream(sending: Sending, *, with_usage: bool) -> Iterator[bytes]:
    """The events of a streamed answer, each as it goes over the wire."""
    yield _chunk(sending, {"role": "assistant", "content": "" if sending.text else None})
    if sending.text:
        name = "refusal" if sending.stop == "refusal" else "content"
        for part in parts(sending.text):
            yield _chunk(sending, {name: part})
    for at, call in enumerate(sending.calls):
        opening = {"index": at, "id": call.id, "type": "function", "function": {"name": call.tool, "arguments": ""}}
        yield _chunk(sending, {"tool_calls": [opening]})
        for part in parts(call.arguments):
            yield _chunk(sending, {"tool_calls": [{"index": at, "function": {"arguments": part}}]})
    yield _chunk(sending, {}, _STOPS[sending.stop])
    if with_usage:
        yield data({**_head(sending, "chat.completion.chunk"), "choices": [], "usage": _usage(sending)})
    yield b"data: [DONE]\n\n"


def data(value: Block) -> bytes:
    """One server-sent event."""
    return f"data: {json.dumps(value)}\n\n".encode()


def _chunk(sending: Sending, delta: Block, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return data({**_head(sending, "chat.completion.chunk"), "choices": [choice]})


def _head(sending: Sending, kind: str) -> Block:
    return {"id": sending.id, "object": kind, "created": _CREATED, "model": sending.model}


def _usage(sending: Sending) -> Block:
    prompt = sending.input.fresh + sending.input.read
    return {
        "prompt_tokens": prompt,
        "completion_tokens": sending.output,
        "total_tokens": prompt + sending.output,
        "prompt_tokens_details": {"cached_tokens": sending.input.read},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }
