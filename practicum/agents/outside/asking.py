"""What a program is asked, whatever the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pydantic_core import from_json

from practicum.api.model import Message, ModelRequest, ModelTurn, UserMessage

LONGEST_ANSWER = 200_000
"""Characters; the rest is cut and said."""


class Dialogue(Protocol):
    """One way to speak with a program."""

    async def ask(self, request: ModelRequest, task: Task | None) -> ModelTurn:
        """Give it what is new, and wait for what it says. `task` is None when tools have answered.

        Raises:
            ModelError: it said nothing that is an answer.
        """
        ...

    async def close(self) -> None:
        """End the program."""
        ...


@dataclass(frozen=True)
class Task:
    """What happened since the program's last turn."""

    turn: int
    """Counts from 1."""
    text: str
    """The user's words as they are; everything else that happened as one line of JSON each."""
    events: tuple[dict[str, object], ...]
    """The same as data: each with `event` and what belongs to it."""


def task_of(request: ModelRequest) -> Task | None:
    """The new task in a request; None when it holds the results of tools."""
    last: Message = request.messages[-1]
    if not isinstance(last, UserMessage):
        return None
    turn = sum(isinstance(message, UserMessage) for message in request.messages)
    # `practicum.agents.render` writes one event a line, and what somebody said cannot break out of its line.
    lines = last.text.split("\n")
    events = tuple(from_json(line) for line in lines)
    words = [
        str(event["text"]) if event["event"] == "task" else line for line, event in zip(lines, events, strict=True)
    ]
    return Task(turn, "\n".join(words), events)


def answer(text: str) -> ModelTurn:
    """An answer in words."""
    if len(text) > LONGEST_ANSWER:
        text = f"{text[:LONGEST_ANSWER]}\n[{len(text) - LONGEST_ANSWER} more characters]"
    return ModelTurn(text=text.strip("\n"))
