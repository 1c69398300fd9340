"""Reading a request to OpenAI's chat completions, and refusing what OpenAI refuses.

Sources: https://platform.openai.com/docs/api-reference/chat/create, and there .../docs/guides/function-calling and
.../docs/guides/reasoning.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from practicum.api.model import (
    AssistantMessage,
    Message,
    ToolMessage,
    ToolRequest,
    ToolResult,
    ToolSpec,
    UserMessage,
)
from practicum.models.testing.checks import check_schema, parsed
from practicum.models.testing.conversation import Conversation
from practicum.models.testing.refusal import RefusedError
from practicum.models.testing.tokens import Piece, piece

_FIELDS = frozenset({
    "model", "messages", "tools", "tool_choice", "parallel_tool_calls", "temperature", "top_p", "n", "stream",
    "stream_options", "stop", "max_tokens", "max_completion_tokens", "presence_penalty", "frequency_penalty", "seed",
    "response_format", "reasoning_effort", "user", "metadata", "store", "service_tier", "logprobs", "top_logprobs",
})  # fmt: skip
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_THINKS_FIRST = re.compile(r"o\d|gpt-5(?!-chat)")

Block = dict[str, Any]


def read_request(body: Any) -> Conversation:
    """The conversation of a request.

    Raises:
        RefusedError: what the vendor would refuse it for.
    """
    if not isinstance(body, dict):
        raise RefusedError("We could not parse the JSON body of your request.")
    for name in ("model", "messages"):
        if name not in body:
            raise RefusedError(f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter")
    for name in sorted(body.keys() - _FIELDS):
        raise RefusedError(f"Unrecognized request argument supplied: {name}", param=name, code="unknown_parameter")
    _parameters(body)
    tools = _tools(body)
    messages = body["messages"]
    if not isinstance(messages, list) or not messages:
        raise RefusedError(
            "Invalid 'messages': empty array. Expected an array with minimum length 1.",
            param="messages",
            code="empty_array",
        )
    for at, message in enumerate(messages):
        _message(message, f"messages[{at}]")
    _order(messages)
    return Conversation(
        vendor="openai",
        model=str(body["model"]),
        system="\n\n".join(_text(one) for one in messages if one["role"] in ("system", "developer")),
        messages=tuple(_neutral(messages)),
        tools=tools,
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        temperature=body.get("temperature"),
        digest=hashlib.sha256(json.dumps(messages, sort_keys=True).encode()).hexdigest(),
    )


def pieces(body: dict[str, Any]) -> list[Piece]:
    """The parts of a request in the order in which caching sees them: tools, messages."""
    return [piece(one) for one in (*body.get("tools", []), *body["messages"])]


def _parameters(body: dict[str, Any]) -> None:
    if body.get("stream_options") is not None and not body.get("stream"):
        raise RefusedError(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
        )
    if body.get("n", 1) != 1:
        raise RefusedError("this server gives one choice", param="n")
    for name in ("max_tokens", "max_completion_tokens"):
        if body.get(name) is not None and (not isinstance(body[name], int) or body[name] < 1):
            raise RefusedError(
                f"Invalid '{name}': integer below minimum value.", param=name, code="integer_below_min_value"
            )
    temperature = body.get("temperature")
    if temperature is not None and not 0 <= temperature <= 2:
        raise RefusedError("Invalid 'temperature': decimal above maximum value.", param="temperature")
    if _THINKS_FIRST.match(str(body["model"])):
        if body.get("max_tokens") is not None:
            raise RefusedError(
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                param="max_tokens",
                code="unsupported_parameter",
            )
        if temperature not in (None, 1):
            raise RefusedError(
                "Unsupported value: 'temperature' does not support this value with this model. "
                "Only the default (1) value is supported.",
                param="temperature",
                code="unsupported_value",
            )
    elif body.get("reasoning_effort") is not None:
        raise RefusedError("Unrecognized request argument supplied: reasoning_effort", param="reasoning_effort")


def _tools(body: dict[str, Any]) -> tuple[ToolSpec, ...]:
    if "tools" not in body:
        return ()
    if not body["tools"]:
        raise RefusedError(
            "Invalid 'tools': empty array. Expected an array with minimum length 1.", param="tools", code="empty_array"
        )
    tools = []
    for at, tool in enumerate(body["tools"]):
        function = tool.get("function")
        if tool.get("type") != "function" or not isinstance(function, dict):
            raise RefusedError(f"Missing required parameter: 'tools[{at}].function'.", param=f"tools[{at}]")
        name = str(function.get("name", ""))
        if not _TOOL_NAME.fullmatch(name):
            raise RefusedError(
                f"Invalid 'tools[{at}].function.name': string does not match pattern.", param=f"tools[{at}]"
            )
        schema = function.get("parameters", {"type": "object", "properties": {}})
        check_schema(schema, f"Invalid schema for function '{name}'")
        closed = schema.get("additionalProperties") is False
        if function.get("strict") and not (closed and {*schema.get("required", ())} == {*schema.get("properties", ())}):
            raise RefusedError(
                f"Invalid schema for function '{name}': a strict one requires all properties and allows no others",
                code="invalid_function_parameters",
            )
        tools.append(ToolSpec(name, function.get("description", ""), schema))
    return tuple(tools)


def _message(message: Any, place: str) -> None:
    role = message.get("role") if isinstance(message, dict) else None
    if role not in ("system", "developer", "user", "assistant", "tool"):
        raise RefusedError(
            f"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'tool', and 'developer'.",
            param=f"{place}.role",
        )
    calls = message.get("tool_calls")
    if calls is not None and not calls:
        raise RefusedError(
            f"Invalid '{place}.tool_calls': empty array. Expected an array with minimum length 1.",
            param=f"{place}.tool_calls",
            code="empty_array",
        )
    content = message.get("content")
    if content is None and not (role == "assistant" and (calls or message.get("refusal"))):
        raise RefusedError("Invalid value for 'content': expected a string, got null.", param=f"{place}.content")
    if isinstance(content, list) and not content:
        raise RefusedError(f"Invalid '{place}.content': empty array.", param=f"{place}.content", code="empty_array")
    if role == "tool" and not message.get("tool_call_id"):
        raise RefusedError(f"Missing required parameter: '{place}.tool_call_id'.", param=f"{place}.tool_call_id")
    for at, call in enumerate(calls or ()):
        function = call.get("function") or {}
        if not call.get("id") or call.get("type") != "function" or not isinstance(function.get("arguments"), str):
            raise RefusedError(f"Invalid '{place}.tool_calls[{at}]'.", param=f"{place}.tool_calls[{at}]")


def _order(messages: list[Block]) -> None:
    """Each call is answered before anything else is said, and nothing is answered that was not called."""
    pending: list[str] = []
    for at, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in pending:
                raise RefusedError(
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
                    "'tool_calls'.",
                    param=f"messages.[{at}].role",
                )
            pending.remove(message["tool_call_id"])
            continue
        _all_answered(pending, at)
        pending = [call["id"] for call in message.get("tool_calls") or ()]
        if len(set(pending)) != len(pending):
            raise RefusedError(f"Duplicate ids in 'messages[{at}].tool_calls'.", param=f"messages[{at}].tool_calls")
    _all_answered(pending, len(messages))


def _all_answered(pending: list[str], at: int) -> None:
    if pending:
        raise RefusedError(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(pending)}",
            param=f"messages.[{at}].role",
        )


def _neutral(messages: list[Block]) -> list[Message]:
    found: list[Message] = []
    for message in messages:
        match message["role"]:
            case "user":
                found.append(UserMessage(_text(message)))
            case "assistant":
                found.append(AssistantMessage(_text(message), tuple(map(_call, message.get("tool_calls") or ()))))
            case "tool":
                before = found[-1].results if found and isinstance(found[-1], ToolMessage) else ()
                if before:
                    found.pop()
                found.append(ToolMessage((*before, _result(message))))
    return found


def _call(call: Block) -> ToolRequest:
    args = parsed(call["function"]["arguments"])
    return ToolRequest(call["id"], call["function"]["name"], args if isinstance(args, dict) else {})


def _result(message: Block) -> ToolResult:
    content = parsed(_text(message))
    if isinstance(content, dict) and content.keys() == {"error"}:
        return ToolResult(message["tool_call_id"], False, content["error"])
    return ToolResult(message["tool_call_id"], True, content)


def _text(message: Block) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
