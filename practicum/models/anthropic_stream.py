"""Putting a streamed answer of Anthropic's Messages API together. Source: https://docs.anthropic.com/en/api/messages-streaming.

The SDK's own helper reads arguments leniently: a call that was cut in the middle looks like a whole one. Here they are
kept as text until their block ends and then read strictly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from practicum.api.model import ModelTurn, ModelUsage, StopReason, ToolRequest
from practicum.models.anthropic_context import Block, opaque_of
from practicum.models.arguments import read_call
from practicum.models.retry import Trouble

if TYPE_CHECKING:
    from anthropic.types import RawContentBlockDelta, RawMessageStreamEvent

_STOPS: dict[str, StopReason] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_use": "tools",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


@dataclass
class Answer:
    """The answer so far."""

    blocks: list[Block] = field(default_factory=list)
    arguments: dict[int, str] = field(default_factory=dict)
    """Index of a `tool_use` block to the JSON text of its arguments."""
    stop: str = ""
    whole: bool = False
    usage: ModelUsage = field(default_factory=ModelUsage)

    def take(self, event: RawMessageStreamEvent) -> None:
        """Take in one event; unknown ones are skipped, as the vendor asks for.

        Raises:
            Trouble: the event continues a block that never began.
        """
        match event.type:
            case "message_start":
                counted = event.message.usage
                self.usage = ModelUsage(
                    input_tokens=counted.input_tokens,
                    output_tokens=counted.output_tokens,
                    cache_read_tokens=counted.cache_read_input_tokens or 0,
                    cache_write_tokens=counted.cache_creation_input_tokens or 0,
                )
            case "content_block_start":
                block = event.content_block.to_dict()
                self.blocks.append(block)
                if block["type"] == "tool_use":
                    self.arguments[len(self.blocks) - 1] = ""
            case "content_block_delta":
                self._extend(event.delta)
            case "message_delta":
                self.stop = event.delta.stop_reason or ""
                said = event.usage
                self.usage = ModelUsage(
                    input_tokens=_or(said.input_tokens, self.usage.input_tokens),
                    output_tokens=said.output_tokens,
                    cache_read_tokens=_or(said.cache_read_input_tokens, self.usage.cache_read_tokens),
                    cache_write_tokens=_or(said.cache_creation_input_tokens, self.usage.cache_write_tokens),
                )
            case "message_stop":
                self.whole = True
            case _:
                pass

    def _extend(self, delta: RawContentBlockDelta) -> None:
        if not self.blocks:
            raise Trouble("the stream is not readable (a part of no block)", retry=True)
        block = self.blocks[-1]
        match delta.type:
            case "text_delta":
                block["text"] += delta.text
            case "input_json_delta" if len(self.blocks) - 1 in self.arguments:
                self.arguments[len(self.blocks) - 1] += delta.partial_json
            case "thinking_delta":
                block["thinking"] += delta.thinking
            case "signature_delta":
                block["signature"] = delta.signature
            case _:
                pass

    def turn(self, model: str) -> ModelTurn:
        """The whole answer, without its cost.

        Raises:
            Trouble: the stream ended before the answer did, or it stopped for a reason that we do not know.
        """
        if not self.whole:
            raise Trouble("the stream ended before the answer did", retry=True)
        stop = _STOPS.get(self.stop)
        if stop is None:
            raise Trouble(f"the answer stopped for an unknown reason: {self.stop or 'none given'}")
        return ModelTurn(
            text="".join(block["text"] for block in self.blocks if block["type"] == "text"),
            calls=tuple(self._calls(stop)),
            stop=stop,
            usage=self.usage,
            opaque=opaque_of(self.blocks, model),
        )

    def _calls(self, stop: StopReason) -> list[ToolRequest]:
        last = len(self.blocks) - 1
        return [
            read_call(self.blocks[at]["id"], self.blocks[at]["name"], raw, cut=stop == "length" and at == last)
            for at, raw in self.arguments.items()
        ]


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
