"""Reading a request to Anthropic's Messages API, and refusing what Anthropic refuses.

Sources: https://docs.anthropic.com/en/api/messages, and there .../agents-and-tools/tool-use and
.../build-with-claude/extended-thinking.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
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
from practicum.models.testing.checks import TOOL_CALL_ID, check_fields, check_schema, parsed
from practicum.models.testing.conversation import Conversation
from practicum.models.testing.refusal import RefusedError
from practicum.models.testing.tokens import Piece, piece

_FIELDS = (
    "model", "messages", "max_tokens", "system", "tools", "tool_choice", "temperature", "top_p", "top_k",
    "stop_sequences", "stream", "thinking", "metadata", "service_tier", "output_config",
)  # fmt: skip
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_BREAKPOINTS = 4
_LEAST_THINKING = 1024

Block = dict[str, Any]
Signed = Callable[[str], str]
"""From a thought to its signature."""


def read_request(body: Any, signature: Signed) -> Conversation:
    """The conversation of a request.

    Raises:
        RefusedError: what the vendor would refuse it for.
    """
    if not isinstance(body, dict):
        raise RefusedError("The request body is not valid JSON.")
    check_fields(body, _FIELDS, ("model", "max_tokens", "messages"))
    if not isinstance(body["max_tokens"], int) or body["max_tokens"] < 1:
        raise RefusedError("max_tokens: Input should be greater than or equal to 1")
    thinking = _thinking(body)
    temperature = body.get("temperature")
    if temperature is not None and not 0 <= temperature <= 1:
        raise RefusedError("temperature: range: 0..1")
    if thinking and temperature not in (None, 1):
        raise RefusedError("`temperature` may only be set to 1 when thinking is enabled.")
    system = _system(body.get("system"))
    tools = _tools(body.get("tools", []))
    turns = _turns(body["messages"])
    _Turns(turns, signature, thinking, with_tools=bool(tools)).check()
    _breakpoints(body)
    return Conversation(
        vendor="anthropic",
        model=str(body["model"]),
        system=system,
        messages=tuple(message for turn in turns for message in _messages(turn)),
        tools=tools,
        max_tokens=body["max_tokens"],
        temperature=temperature,
        thinking=thinking,
        digest=hashlib.sha256(json.dumps(_bare(turns), sort_keys=True).encode()).hexdigest(),
    )


def pieces(body: dict[str, Any]) -> list[Piece]:
    """The parts of a request in the order in which caching sees them: tools, system, messages."""
    found = [(tool, "") for tool in body.get("tools", [])]
    system = body.get("system") or []
    found += [(block, "") for block in ([{"text": system}] if isinstance(system, str) else system)]
    for turn in body["messages"]:
        content = turn["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        found += [(block, turn["role"]) for block in blocks]
    return [piece([role, _bare(block)], breakpoint="cache_control" in block) for block, role in found]


def _bare(value: Any) -> Any:
    """Without cache breakpoints, which move and say nothing."""
    if isinstance(value, dict):
        return {name: _bare(member) for name, member in value.items() if name != "cache_control"}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def _thinking(body: dict[str, Any]) -> bool:
    wanted = body.get("thinking")
    if wanted is None or wanted.get("type") == "disabled":
        return False
    if wanted.get("type") == "adaptive":
        return True
    budget = wanted.get("budget_tokens")
    if wanted.get("type") != "enabled" or not isinstance(budget, int) or budget < _LEAST_THINKING:
        raise RefusedError("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
    if budget >= body["max_tokens"]:
        raise RefusedError("`max_tokens` must be greater than `thinking.budget_tokens`.")
    return True


def _system(system: Any) -> str:
    if system is None or isinstance(system, str):
        return system or ""
    for at, block in enumerate(system):
        if not block.get("text"):
            raise RefusedError(f"system.{at}: text content blocks must be non-empty")
    return "\n\n".join(block["text"] for block in system)


def _tools(tools: list[Block]) -> tuple[ToolSpec, ...]:
    names: set[str] = set()
    for at, tool in enumerate(tools):
        check_fields(
            tool,
            ("name", "description", "input_schema", "cache_control", "type", "strict"),
            ("name", "input_schema"),
            f"tools.{at}.custom.",
        )
        if not _TOOL_NAME.fullmatch(tool["name"]):
            raise RefusedError(f"tools.{at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if tool["name"] in names:
            raise RefusedError("tools: Tool names must be unique.")
        names.add(tool["name"])
        check_schema(tool["input_schema"], f"tools.{at}.custom.input_schema: JSON schema is invalid")
    return tuple(ToolSpec(tool["name"], tool.get("description", ""), tool["input_schema"]) for tool in tools)


def _turns(messages: Any) -> list[Block]:
    """The turns with their content as blocks; turns of one role in a row are one, as the API has it."""
    if not isinstance(messages, list) or not messages:
        raise RefusedError("messages: at least one message is required")
    turns: list[Block] = []
    for at, message in enumerate(messages):
        check_fields(message, ("role", "content"), ("role", "content"), f"messages.{at}.")
        if message["role"] not in ("user", "assistant"):
            raise RefusedError(f"messages.{at}.role: Input should be 'user' or 'assistant'")
        content = message["content"]
        if not content:
            raise RefusedError(f"messages.{at}: all messages must have non-empty content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if turns and turns[-1]["role"] == message["role"]:
            turns[-1]["content"] = [*turns[-1]["content"], *blocks]
        else:
            turns.append({"role": message["role"], "content": blocks})
    if turns[0]["role"] != "user":
        raise RefusedError('messages: first message must use the "user" role')
    if turns[-1]["role"] != "user":
        raise RefusedError(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
    return turns


def _breakpoints(body: dict[str, Any]) -> None:
    found = sum(one.breakpoint for one in pieces(body))
    if found > _BREAKPOINTS:
        raise RefusedError(f"A maximum of 4 blocks with cache_control may be provided. Found {found}.")


class _Turns:
    """The rules that hold between turns."""

    def __init__(self, turns: list[Block], signature: Signed, thinking: bool, *, with_tools: bool) -> None:
        self._turns = turns
        self._signature = signature
        self._thinking = thinking
        self._with_tools = with_tools
        self._ids: set[str] = set()

    def check(self) -> None:
        pending: list[str] = []
        for at, turn in enumerate(self._turns):
            for index, block in enumerate(turn["content"]):
                self._block(turn["role"], block, f"messages.{at}.content.{index}")
            if turn["role"] == "user":
                self._results(at, turn["content"], pending)
                pending = []
            else:
                pending = [block["id"] for block in turn["content"] if block["type"] == "tool_use"]
                self._thoughts(at, turn["content"], bool(pending))

    def _block(self, role: str, block: Block, place: str) -> None:
        kind = block.get("type")
        allowed = ("text", "tool_result") if role == "user" else ("text", "tool_use", "thinking", "redacted_thinking")
        if kind not in allowed:
            raise RefusedError(
                f"{place}: Input tag {kind!r} found using 'type' does not match any of the expected tags"
            )
        if kind == "text":
            if not block.get("text"):
                raise RefusedError("messages: text content blocks must be non-empty")
            if not block["text"].strip():
                raise RefusedError("messages: text content blocks must contain non-whitespace text")
        if kind == "tool_use":
            self._tool_use(block, place)
        if kind == "tool_result" and block.get("is_error") and not block.get("content"):
            raise RefusedError(f"{place}: content cannot be empty if `is_error` is true")
        if not self._with_tools and kind in ("tool_use", "tool_result"):
            raise RefusedError("Requests which include `tool_use` or `tool_result` blocks must define tools")

    def _tool_use(self, block: Block, place: str) -> None:
        check_fields(
            block,
            ("type", "id", "name", "input", "cache_control", "caller"),
            ("id", "name", "input"),
            f"{place}.tool_use.",
        )
        if not TOOL_CALL_ID.fullmatch(block["id"]):
            raise RefusedError(f"{place}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
        if not isinstance(block["input"], dict):
            raise RefusedError(f"{place}.tool_use.input: Input should be a valid dictionary")
        if block["id"] in self._ids:
            raise RefusedError(f"{place}: `tool_use` ids must be unique")
        self._ids.add(block["id"])

    def _results(self, at: int, blocks: list[Block], pending: list[str]) -> None:
        first = 0
        while first < len(blocks) and blocks[first]["type"] == "tool_result":
            first += 1
        leading = [block["tool_use_id"] for block in blocks[:first]]
        for index, block in enumerate(blocks):
            if block["type"] == "tool_result" and block["tool_use_id"] not in pending:
                raise RefusedError(
                    f"messages.{at}.content.{index}: unexpected `tool_use_id` found in `tool_result` blocks: "
                    f"{block['tool_use_id']}. Each `tool_result` block must have a corresponding `tool_use` block in "
                    "the previous message."
                )
        missing = [id for id in pending if id not in leading]
        if missing:
            raise RefusedError(
                f"messages.{at - 1}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the "
                "next message."
            )
        if len(set(leading)) != len(leading):
            raise RefusedError(
                f"messages.{at}: each tool_use must have a single result. Found several `tool_result` blocks with id"
            )

    def _thoughts(self, at: int, blocks: list[Block], calls: bool) -> None:
        for index, block in enumerate(blocks):
            if block["type"] == "thinking" and block.get("signature") != self._signature(block["thinking"]):
                raise RefusedError(f"messages.{at}.content.{index}: Invalid `signature` in `thinking` block")
        # The turn that the model is still in the middle of must begin as it began.
        if (
            self._thinking
            and calls
            and at == len(self._turns) - 2
            and blocks[0]["type"] not in ("thinking", "redacted_thinking")
        ):
            raise RefusedError(
                f"messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found "
                f"`{blocks[0]['type']}`. When `thinking` is enabled, a final `assistant` message must start with a "
                "thinking block."
            )


def _messages(turn: Block) -> list[Message]:
    blocks = turn["content"]
    text = "\n\n".join(block["text"] for block in blocks if block["type"] == "text")
    if turn["role"] == "assistant":
        calls = [ToolRequest(one["id"], one["name"], one["input"]) for one in blocks if one["type"] == "tool_use"]
        return [AssistantMessage("".join(one["text"] for one in blocks if one["type"] == "text"), tuple(calls))]
    results = tuple(_result(block) for block in blocks if block["type"] == "tool_result")
    messages: list[Message] = [ToolMessage(results)] if results else []
    return [*messages, UserMessage(text)] if text else messages


def _result(block: Block) -> ToolResult:
    content = block.get("content", "")
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content)
    return ToolResult(block["tool_use_id"], not block.get("is_error", False), parsed(content))
