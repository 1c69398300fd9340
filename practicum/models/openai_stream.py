"""Putting a streamed chat completion together. Source: https://platform.openai.com/docs/api-reference/chat-streaming.

Compatible servers differ in what they leave out: the index of a call, its id, the usage. All of that is met here.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from practicum.api.model import ModelTurn, ModelUsage, StopReason, ToolRequest
from practicum.models.arguments import read_call
from practicum.models.retry import Trouble

if TYPE_CHECKING:
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk
    from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall

_STOPS: dict[str, StopReason] = {
    "stop": "end",
    "tool_calls": "tools",
    "function_call": "tools",
    "length": "length",
    "content_filter": "refusal",
}


@dataclass
class _Call:
    index: int | None
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass
class Answer:
    """The answer so far."""

    text: str = ""
    refusal: str = ""
    calls: list[_Call] = field(default_factory=list)
    finish: str = ""
    usage: ModelUsage = field(default_factory=ModelUsage)

    def take(self, chunk: ChatCompletionChunk) -> None:
        """Take in one chunk; the last one may carry only the usage."""
        if chunk.usage is not None:
            self.usage = read_usage(chunk.usage)
        for choice in chunk.choices[:1]:
            # Some servers send the last choice without a delta at all.
            if choice.delta is not None:
                self.text += choice.delta.content or ""
                self.refusal += choice.delta.refusal or ""
                for part in choice.delta.tool_calls or ():
                    self._extend(part)
            self.finish = choice.finish_reason or self.finish

    def _extend(self, part: ChoiceDeltaToolCall) -> None:
        call = self._call(part)
        if part.id and not call.id:
            call.id = part.id
        if part.function is not None:
            if part.function.name and not call.name:
                call.name = part.function.name
            call.arguments += part.function.arguments or ""

    def _call(self, part: ChoiceDeltaToolCall) -> _Call:
        """The call that a part belongs to: the same index, and not another id (a server may count all calls as 0)."""
        for call in reversed(self.calls):
            if call.index == part.index and (not part.id or not call.id or call.id == part.id):
                return call
        self.calls.append(_Call(part.index))
        return self.calls[-1]

    def turn(self) -> ModelTurn:
        """The whole answer, without its cost.

        Raises:
            Trouble: the stream ended before the answer did, or it stopped for a reason that we do not know.
        """
        if not self.finish:
            raise Trouble("the stream ended before the answer did", retry=True)
        stop = _STOPS.get(self.finish)
        if stop is None:
            raise Trouble(f"the answer stopped for an unknown reason: {self.finish}")
        if self.refusal:
            return ModelTurn(text=self.refusal, stop="refusal", usage=self.usage)
        if self.calls and stop == "end":  # a forced tool, and some compatible servers, finish with `stop`
            stop = "tools"
        last = len(self.calls) - 1
        calls = [self._request(call, cut=stop == "length" and at == last) for at, call in enumerate(self.calls)]
        return ModelTurn(text=self.text, calls=tuple(calls), stop=stop, usage=self.usage)

    def _request(self, call: _Call, *, cut: bool) -> ToolRequest:
        return read_call(call.id or f"call_{uuid.uuid4().hex}", call.name, call.arguments, cut=cut)


def read_usage(usage: CompletionUsage) -> ModelUsage:
    """OpenAI counts cached tokens within the prompt's; we keep the two apart, as Anthropic does."""
    cached = (usage.prompt_tokens_details.cached_tokens or 0) if usage.prompt_tokens_details else 0
    return ModelUsage(
        input_tokens=max(0, usage.prompt_tokens - cached),
        output_tokens=usage.completion_tokens,
        cache_read_tokens=cached,
    )
