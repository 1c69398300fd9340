"""Models: everything that decides. Messages and tools in, one turn out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

StopReason = Literal["end", "tools", "length", "refusal", "waits", "done"]
"""`end` and `tools` from any model; `waits` (for an event) and `done` only from scripts."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model sees it."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """A model asks for one call."""

    id: str
    tool: str
    args: dict[str, Any]
    invalid: str = ""
    """Why the arguments are none (malformed JSON, cut in the middle); then `args` is empty, the tool is not called and
    this text is the failed result that the model gets."""


@dataclass(frozen=True, slots=True)
class UserMessage:
    """New things for the agent: what happened since its last turn.

    `text` is what a language model reads. `items` are the same things as data (each one event as a JSON object), which
    scripts read.
    """

    text: str
    items: tuple[dict[str, Any], ...] = ()
    role: Literal["user"] = "user"


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the model said before."""

    text: str
    calls: tuple[ToolRequest, ...] = ()
    opaque: Any = None
    """Vendor parts (thinking blocks, response item ids) that must be sent back as they came; JSON."""
    role: Literal["assistant"] = "assistant"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The answer to one tool call."""

    call: str
    ok: bool
    content: Any
    """JSON: the result, or the error's text."""


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """The results of all calls of the assistant message before, in the order asked."""

    results: tuple[ToolResult, ...]
    role: Literal["tool"] = "tool"


Message = UserMessage | AssistantMessage | ToolMessage


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """Tokens and money of one answer, as the vendor counted them."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelTurn:
    """One answer of a model."""

    text: str = ""
    calls: tuple[ToolRequest, ...] = ()
    stop: StopReason = "end"
    usage: ModelUsage = field(default_factory=ModelUsage)
    opaque: Any = None
    waiting_for: str = ""
    """What a script awaits, in words."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """All that a model gets to see."""

    system: str
    messages: Sequence[Message]
    tools: Sequence[ToolSpec]
    temperature: float | None = None
    max_tokens: int | None = None


class Model(Protocol):
    """Something that decides."""

    name: str
    """As the user wrote it: `anthropic/NAME`, `script/NAME`."""

    async def respond(self, request: ModelRequest) -> ModelTurn:
        """Give one turn.

        Raises:
            ModelError: no answer, or not an answer. Rate limits are waited out before this is raised.
        """
        ...

    async def close(self) -> None: ...
