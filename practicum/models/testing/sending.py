"""An answer made ready to be sent: ids given, arguments written out, cut to the length that was asked for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from practicum.models.testing.conversation import Conversation, Reply
from practicum.models.testing.tokens import CHARACTERS, Counted, tokens

PART = 24
"""Least characters of text or arguments in one event of a stream."""
_PARTS = 48
"""How many events a long text takes at most: a file of a thousand lines need not come in ten thousand."""


@dataclass(frozen=True)
class SentCall:
    """A call as it goes over the wire."""

    id: str
    tool: str
    arguments: str
    """JSON, unless the policy or the length limit wants it broken."""


@dataclass(frozen=True)
class Sending:
    """What is sent, in either vendor's form."""

    id: str
    model: str
    text: str
    thinking: str
    calls: tuple[SentCall, ...]
    stop: Literal["end", "tools", "length", "refusal"]
    input: Counted
    output: int
    """Tokens."""


def prepare(reply: Reply, conversation: Conversation, counted: Counted) -> Sending:
    """Make `reply` ready. What does not fit `max_tokens` is cut off, arguments in the middle too."""
    room = (conversation.max_tokens or 1_000_000) * CHARACTERS
    thinking = reply.thinking if conversation.thinking else ""
    room = max(0, room - len(thinking))
    text = reply.text[:room]
    cut = len(text) < len(reply.text)
    room -= len(text)
    calls: list[SentCall] = []
    for at, call in enumerate(reply.calls):
        if cut:
            break
        arguments = call.raw if call.raw is not None else json.dumps(call.args)
        cut = len(arguments) > room
        calls.append(SentCall(call.id or _id(conversation, at), call.tool, arguments[:room]))
        room -= len(calls[-1].arguments)
    whole: Literal["end", "tools", "refusal"] = "refusal" if reply.refuses else "tools" if calls else "end"
    return Sending(
        id=_id(conversation, -1),
        model=conversation.model,
        text=text,
        thinking=thinking,
        calls=tuple(calls),
        stop="length" if cut else whole,
        input=counted,
        output=max(1, tokens(thinking) + tokens(text) + sum(tokens(call.arguments) for call in calls)),
    )


def parts(text: str) -> list[str]:
    """`text` in the pieces of a stream; at least one, as the vendors do."""
    size = max(PART, -(-len(text) // _PARTS))
    return [text[at : at + size] for at in range(0, len(text), size)] or [""]


def _id(conversation: Conversation, at: int) -> str:
    name = hashlib.sha256(f"{conversation.digest}:{at}".encode()).hexdigest()[:24]
    if conversation.vendor == "openai":
        return f"chatcmpl-{name}" if at < 0 else f"call_{name}"
    return f"msg_{name}" if at < 0 else f"toolu_{name}"
