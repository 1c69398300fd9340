"""What a policy is given, and what it answers with: the same for both vendors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from practicum.api.model import (
    AssistantMessage,
    Message,
    ToolMessage,
    ToolRequest,
    ToolResult,
    ToolSpec,
    UserMessage,
)


@dataclass(frozen=True)
class Conversation:
    """One request, read: it passed every check that the vendor would make."""

    vendor: Literal["anthropic", "openai"]
    model: str
    system: str
    messages: tuple[Message, ...]
    """User, assistant and tool messages in order. Results are parsed where they are JSON. OpenAI has no mark for a
    failed call; there a result of the form `{"error": ...}` counts as one."""
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int | None = None
    temperature: float | None = None
    thinking: bool = False
    """Whether the client asked for the model's thoughts (Anthropic only)."""
    digest: str = ""
    """SHA-256 of the request's messages; calls get their ids from it, so the same request gets the same ids."""

    @property
    def results(self) -> tuple[ToolResult, ...]:
        """The results that came with this request; empty when it did not bring any."""
        for message in reversed(self.messages):
            if isinstance(message, ToolMessage):
                return message.results
            if isinstance(message, AssistantMessage):
                break
        return ()

    @property
    def news(self) -> str:
        """What the user said since the last answer."""
        texts: list[str] = []
        for message in reversed(self.messages):
            if isinstance(message, AssistantMessage):
                break
            if isinstance(message, UserMessage):
                texts.append(message.text)
        return "\n\n".join(reversed(texts))

    @cached_property
    def exchanges(self) -> tuple[tuple[ToolRequest, ToolResult], ...]:
        """Every call made so far with its result, in the order asked."""
        results = {one.call: one for m in self.messages if isinstance(m, ToolMessage) for one in m.results}
        return tuple(
            (call, results[call.id])
            for message in self.messages
            if isinstance(message, AssistantMessage)
            for call in message.calls
            if call.id in results
        )

    def result_of(self, tool: str) -> Any:
        """What the last call of `tool` gave, failed or not; None when it was not called."""
        return next((result.content for call, result in reversed(self.exchanges) if call.tool == tool), None)


@dataclass(frozen=True)
class Call:
    """A call that the answer asks for."""

    tool: str
    args: dict[str, Any] = field(default_factory=dict)
    """The server holds them to the tool's schema and fails the test when they break it."""
    id: str = ""
    """Empty for one of the vendor's form."""
    raw: str | None = None
    """Sent as the arguments instead of `args`, unchecked like the tool's name: for tests of models that err.
    Anthropic's API gives arguments as text in streams only; without streaming it cannot send malformed ones either."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with one request."""

    status: int = 0
    """Refuse with this HTTP status, without asking the policy; 0 to answer."""
    kind: str = ""
    """The vendor's error type; empty for the one that belongs to the status."""
    message: str = ""
    retry_after_s: float | None = None
    delay_s: float = 0.0
    """Before the first byte."""
    cut_after: int | None = None
    """End the connection after so many events of the stream, without a proper end."""
    error_after: int | None = None
    """Send an error event after so many events of the stream."""

    @classmethod
    def rate_limited(cls, retry_after_s: float | None = None) -> Fault:
        return cls(status=429, message="too many requests", retry_after_s=retry_after_s)

    @classmethod
    def overloaded(cls) -> Fault:
        """529 of Anthropic, 503 of OpenAI."""
        return cls(status=529, message="Overloaded")

    @classmethod
    def broken(cls) -> Fault:
        return cls(status=500, message="Internal server error")

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        return cls(delay_s=seconds)

    @classmethod
    def cut(cls, after: int) -> Fault:
        return cls(cut_after=after)

    @classmethod
    def overloaded_in_stream(cls, after: int) -> Fault:
        return cls(error_after=after)


@dataclass(frozen=True)
class Reply:
    """One answer."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    thinking: str = ""
    """Signed by the server, which wants it back unchanged (Anthropic only)."""
    refuses: bool = False
    """The model declines; `text` says why."""
    fault: Fault | None = None
    """What goes wrong while it is sent."""


Answer = Reply | Fault
Policy = Callable[[Conversation], Awaitable[Answer]]
