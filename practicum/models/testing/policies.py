"""A policy out of any model of Practicum's: a script that decides in a simulated run can stand behind the wire too."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from practicum.api.model import AssistantMessage, Message, Model, ModelRequest, ModelTurn, UserMessage
from practicum.models.testing.conversation import Answer, Call, Conversation, Reply

Items = Callable[[str], Sequence[dict[str, Any]]]
"""Reads the events out of a user message's text; over the wire there is nothing but text."""

_KEPT = 256
"""Conversations whose model is kept as far as it has come; the one that was quiet longest goes first."""


def no_items(text: str) -> Sequence[dict[str, Any]]:
    """For models that read the text."""
    return ()


@dataclass
class _Standing:
    """A model that has answered a conversation, and waits for how that goes on."""

    model: Model
    turn: ModelTurn


class ModelPolicy:
    """Asks a model; HTTP has no memory, models may have one.

    A model that answered a conversation is kept and asked again when the same conversation comes back longer. Where
    there is none (the conversation is new here, or forked from an earlier point) a fresh one is brought up to date
    first, by asking it for every answer that was given. So the model must be deterministic. Its calls keep the ids that
    it gives them.
    """

    def __init__(self, make: Callable[[Conversation], Model], *, items: Items = no_items) -> None:
        """`make` picks the model, by the system prompt for instance."""
        self._make = make
        self._items = items
        self._standing: OrderedDict[bytes, _Standing] = OrderedDict()

    async def __call__(self, conversation: Conversation) -> Answer:
        """The model's answer to the last message; a conversation that is sent again gets the same one."""
        digests = _digests(conversation)
        again = self._standing.get(digests[-1])
        if again is not None:
            return _reply(again.turn)
        messages = [self._with_items(message) for message in conversation.messages]
        answered = [at for at, message in enumerate(messages) if isinstance(message, AssistantMessage)]
        before = self._standing.pop(digests[answered[-1]], None) if answered else None
        model = before.model if before is not None else self._make(conversation)
        try:
            if before is None:
                for at in answered:
                    await _respond(model, conversation, messages[:at])
            turn = await _respond(model, conversation, messages)
        except BaseException:
            await model.close()
            raise
        await self._keep(digests[-1], _Standing(model, turn))
        return _reply(turn)

    async def close(self) -> None:
        """Close the models that are kept."""
        while self._standing:
            await self._standing.popitem()[1].model.close()

    async def _keep(self, digest: bytes, standing: _Standing) -> None:
        self._standing[digest] = standing
        if len(self._standing) > _KEPT:
            await self._standing.popitem(last=False)[1].model.close()

    def _with_items(self, message: Message) -> Message:
        if isinstance(message, UserMessage):
            return UserMessage(message.text, tuple(self._items(message.text)))
        return message


async def _respond(model: Model, conversation: Conversation, messages: list[Message]) -> ModelTurn:
    return await model.respond(ModelRequest(conversation.system, messages, conversation.tools))


def _reply(turn: ModelTurn) -> Reply:
    calls = tuple(Call(call.tool, call.args, id=call.id) for call in turn.calls)
    text = turn.text or ("" if calls else f"waiting for {turn.waiting_for}" if turn.waiting_for else "done")
    return Reply(text=text, calls=calls, refuses=turn.stop == "refusal")


def _digests(conversation: Conversation) -> list[bytes]:
    """For each number of messages, from none to all: a digest of the conversation up to there."""
    running = hashlib.sha256(to_json([conversation.vendor, conversation.model, conversation.system]))
    found = [running.digest()]
    for message in _plain(conversation.messages):
        running.update(message)
        found.append(running.digest())
    return found


def _plain(messages: Iterable[Message]) -> Iterable[bytes]:
    return (to_json(message) + b"\n" for message in messages)
