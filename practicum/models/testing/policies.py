"""A policy out of any model of Practicum's: a script that decides in a simulated run can stand behind the wire too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from practicum.api.model import AssistantMessage, Message, Model, ModelRequest, ModelTurn, UserMessage
from practicum.models.testing.conversation import Answer, Call, Conversation, Reply

Items = Callable[[str], Sequence[dict[str, Any]]]
"""Reads the events out of a user message's text; over the wire there is nothing but text."""


def no_items(text: str) -> Sequence[dict[str, Any]]:
    """For models that read the text."""
    return ()


class ModelPolicy:
    """Asks a fresh model with each request, bringing it up to date first: HTTP has no memory, models may have one.

    So the model must be deterministic, and cheap: a conversation of n answers asks it n times for the last one. Its
    calls keep the ids that it gives them.
    """

    def __init__(self, make: Callable[[Conversation], Model], *, items: Items = no_items) -> None:
        """`make` picks the model, by the system prompt for instance."""
        self._make = make
        self._items = items

    async def __call__(self, conversation: Conversation) -> Answer:
        """The model's answer to the last message."""
        messages = [self._with_items(message) for message in conversation.messages]
        model = self._make(conversation)
        try:
            for at, message in enumerate(messages):
                if isinstance(message, AssistantMessage):
                    await self._respond(model, conversation, messages[:at])
            turn = await self._respond(model, conversation, messages)
        finally:
            await model.close()
        calls = tuple(Call(call.tool, call.args, id=call.id) for call in turn.calls)
        text = turn.text or ("" if calls else f"waiting for {turn.waiting_for}" if turn.waiting_for else "done")
        return Reply(text=text, calls=calls, refuses=turn.stop == "refusal")

    async def _respond(self, model: Model, conversation: Conversation, messages: list[Message]) -> ModelTurn:
        return await model.respond(ModelRequest(conversation.system, messages, conversation.tools))

    def _with_items(self, message: Message) -> Message:
        if isinstance(message, UserMessage):
            return UserMessage(message.text, tuple(self._items(message.text)))
        return message
