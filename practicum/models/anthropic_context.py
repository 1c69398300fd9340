"""From messages to Anthropic's Messages API and back. Rules: https://docs.anthropic.com/en/api/messages and
https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from practicum.api.model import AssistantMessage, Message, ToolMessage, ToolResult, ToolSpec, UserMessage
from practicum.models.arguments import wire_id

Block = dict[str, Any]
"""One content block, as JSON."""

_CACHE: Block = {"type": "ephemeral"}


def system_blocks(system: str) -> list[Block]:
    """The system prompt; a cache breakpoint at its end covers the tools too, which stand before it."""
    return [{"type": "text", "text": system, "cache_control": _CACHE}] if system.strip() else []


def tool_blocks(tools: Sequence[ToolSpec], *, cached: bool) -> list[Block]:
    """The tools; `cached` puts the breakpoint on the last, for a context without a system prompt."""
    blocks: list[Block] = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.schema} for tool in tools
    ]
    if cached and blocks:
        blocks[-1]["cache_control"] = _CACHE
    return blocks


def message_blocks(messages: Iterable[Message], *, model: str) -> list[Block]:
    """The conversation: user and assistant in turn, results first in their turn, nothing empty.

    The last two user turns end in a cache breakpoint: up to the first of them the request before wrote the cache, and
    the next one reads up to the second. (The vendor looks back 20 blocks only, which many parallel calls exceed.)
    """
    turns: list[Block] = []
    for message in messages:
        role = "assistant" if isinstance(message, AssistantMessage) else "user"
        blocks = _blocks(message, model)
        if not blocks:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"].extend(blocks)
        else:
            turns.append({"role": role, "content": blocks})
    for turn in turns:
        # A result must stand before any text of its turn, whichever came first here.
        turn["content"].sort(key=lambda block: block["type"] != "tool_result" and turn["role"] == "user")
    for turn in [turn for turn in turns if turn["role"] == "user"][-2:]:
        turn["content"][-1]["cache_control"] = _CACHE
    return turns


def _blocks(message: Message, model: str) -> list[Block]:
    match message:
        case UserMessage():
            return _text(message.text)
        case ToolMessage():
            return [_result(result) for result in message.results]
        case AssistantMessage():
            return _assistant(message, model)


def _text(text: str) -> list[Block]:
    return [{"type": "text", "text": text}] if text.strip() else []


def _result(result: ToolResult) -> Block:
    content = result.content if isinstance(result.content, str) else to_json(result.content).decode()
    block: Block = {"type": "tool_result", "tool_use_id": wire_id(result.call)}
    if not result.ok:
        block["is_error"] = True
        content = content if content.strip() else "the call failed without a message"
    if content.strip():
        block["content"] = content
    return block


def _assistant(message: AssistantMessage, model: str) -> list[Block]:
    calls = {
        call.id: {"type": "tool_use", "id": wire_id(call.id), "name": call.tool, "input": call.args}
        for call in message.calls
    }
    layout = _layout_of(message.opaque, model)
    if layout is None:
        return [*_text(message.text), *calls.values()]
    blocks: list[Block] = []
    at = 0
    for part in layout:
        match part["type"]:
            case "text":
                blocks += _text(message.text[at : at + part["length"]])
                at += part["length"]
            case "tool_use":
                if part["id"] in calls:
                    blocks.append(calls.pop(part["id"]))
            case _:
                blocks.append(part)
    return [*blocks, *calls.values()]


def opaque_of(blocks: Sequence[Block], model: str) -> Any:
    """What must come back as it came: the thinking blocks, and where text and calls stood among them.

    None when there is nothing but text followed by calls, which `AssistantMessage` says by itself. Text and arguments
    are not kept a second time.
    """
    if not any(block["type"] not in ("text", "tool_use") for block in blocks):
        return None
    layout: list[Block] = []
    for block in blocks:
        match block["type"]:
            case "text":
                layout.append({"type": "text", "length": len(block["text"])})
            case "tool_use":
                layout.append({"type": "tool_use", "id": block["id"]})
            case _:
                layout.append(block)
    return {"anthropic": {"model": model, "layout": layout}}


def _layout_of(opaque: Any, model: str) -> list[Block] | None:
    """The layout that this very model gave; a signature means nothing to another one."""
    if not isinstance(opaque, Mapping) or not isinstance(opaque.get("anthropic"), Mapping):
        return None
    made = opaque["anthropic"]
    return list(made["layout"]) if made.get("model") == model else None
