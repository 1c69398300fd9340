"""`model.*`: one question to a model, one answer."""

from __future__ import annotations

from practicum.bus.events.base import Data, Json


class ModelRequested(Data, type="model.requested"):
    """A model is asked. Messages stand in the record once, where they came from: a run grows linearly."""

    turn: int
    request: int
    """Counts the requests of this agent from 1."""
    model: str
    new_messages: tuple[dict[str, Json], ...]
    """Those that the last request did not have, by role and the ids of the events or calls that they are made of."""
    context_messages: int
    """How many messages the whole context has, the new ones included."""
    context_digest: str
    """SHA-256 over the canonical form of the whole context."""
    tools_digest: str
    asker: str = ""
    """Whom the launcher asks for: `judge`, or `user` for a simulated one. Empty when an agent asks for itself.
    Where it is set, the messages stand here in words, since they come from nowhere else in the record."""


class Usage(Data):
    """Tokens and money of one answer, as the vendor counted them."""

    input_tokens: int = 0
    """Without those read from or written to a cache."""
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float = 0.0


class ModelAnswered(Data, type="model.answered"):
    """A model's answer: what it says and which tools it asks for."""

    turn: int
    request: int
    text: str
    calls: tuple[dict[str, Json], ...]
    """Each `{"id", "tool", "args"}`, in the order asked; `"invalid"` too where the arguments could not be read."""
    stop: str
    """`end`, `tools`, `length`, `refusal`, or for scripts `waits` and `done`."""
    opaque: Json = None
    """Vendor parts (thinking blocks) that must be sent back as they came; a resumed run needs them."""
    usage: Usage = Usage()
    ms: float = 0.0
    error: str = ""
    """Set when the model failed; then there is no text and no call."""
    asker: str = ""
    """As in `model.requested`."""
