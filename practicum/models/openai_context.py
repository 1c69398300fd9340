"""From messages to OpenAI's chat completions. Rules: https://platform.openai.com/docs/api-reference/chat and
https://platform.openai.com/docs/guides/function-calling.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic_core import to_json

from practicum.api.model import AssistantMessage, Message, ToolMessage, ToolResult, ToolSpec, UserMessage
from practicum.models.arguments import wire_id

Block = dict[str, Any]
"""One message, as JSON."""


def chat_messages(system: str, messages: Iterable[Message]) -> list[Block]:
    """The conversation: results straight behind the calls they answer, nothing empty, user texts in a row made one.

    Chat templates of compatible servers often refuse two user messages in a row.
    """
    chat: list[Block] = [{"role": "system", "content": system}] if system.strip() else []
    for message in messages:
        match message:
            case UserMessage():
                _add_user(chat, message.text)
            case AssistantMessage():
                chat += _assistant(message)
            case ToolMessage():
                _add_results(chat, [_result(result) for result in message.results])
    return chat


def chat_tools(tools: Sequence[ToolSpec]) -> list[Block]:
    """The tools as functions."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema},
        }
        for tool in tools
    ]


def _add_user(chat: list[Block], text: str) -> None:
    if not text.strip():
        return
    if chat and chat[-1]["role"] == "user":
        chat[-1]["content"] += f"\n\n{text}"
    else:
        chat.append({"role": "user", "content": text})


def _assistant(message: AssistantMessage) -> list[Block]:
    block: Block = {"role": "assistant"}
    if message.text.strip():
        block["content"] = message.text
    if message.calls:
        block["tool_calls"] = [
            {
                "id": wire_id(call.id),
                "type": "function",
                "function": {"name": call.tool, "arguments": to_json(call.args).decode()},
            }
            for call in message.calls
        ]
    return [block] if len(block) > 1 else []


def _add_results(chat: list[Block], results: list[Block]) -> None:
    """Put results behind the calls, also where a user's text came in between."""
    at = len(chat)
    while at and chat[at - 1]["role"] == "user":
        at -= 1
    chat[at:at] = results


def _result(result: ToolResult) -> Block:
    if not result.ok:
        # There is no `is_error` here; a model must be able to tell a failure from a result.
        content = to_json({"error": result.content}).decode()
    elif isinstance(result.content, str):
        content = result.content
    else:
        content = to_json(result.content).decode()
    return {"role": "tool", "tool_call_id": wire_id(result.call), "content": content}
