"""`replay/RUN`: answers what the record says was answered, as long as it is asked what was asked then."""

from __future__ import annotations

from collections.abc import Iterable

from practicum.api.model import ModelRequest, ModelTurn
from practicum.bus.event import Event
from practicum.bus.events import ModelAnswered, ModelRequested
from practicum.errors import DivergedError, ModelError, UsageError
from practicum.models.canonical import ContextDigest
from practicum.models.record import turn_of


class ReplayModel:
    """The recorded turns of one agent, in order. Each is given only for the context that it answered."""

    def __init__(self, run: str, *, agent: str, recorded: Iterable[Event]) -> None:
        """`recorded` are the events of the run, all or only this agent's.

        Raises:
            UsageError: the record holds no answer to this agent.
        """
        self.name = f"replay/{run}"
        self._agent = agent
        self._requests: dict[int, ModelRequested] = {}
        self._answers: list[ModelAnswered] = []
        for event in recorded:
            if event.source != agent:
                continue
            if isinstance(event.body, ModelRequested):
                self._requests[event.body.request] = event.body
            elif isinstance(event.body, ModelAnswered):
                self._answers.append(event.body)
        if not self._answers:
            raise UsageError(f"{self.name} holds no answer of a model to {agent!r}")
        self._next = 0
        self._digest = ContextDigest()

    async def respond(self, request: ModelRequest) -> ModelTurn:
        """Give the next recorded turn; one that recorded a failure fails again.

        Raises:
            DivergedError: the context is another one than was recorded, or the record has come to its end.
            ModelError: the recorded answer was an error.
        """
        if self._next == len(self._answers):
            raise DivergedError(f"{self._agent} asks its model once more than was recorded ({self._next} answers)")
        answer = self._answers[self._next]
        self._next += 1
        asked = self._requests.get(answer.request)
        digest = self._digest.of(request.messages, request.tools, request.system)
        if asked is not None and asked.context_digest != digest:
            raise DivergedError(
                f"{self._agent} turn {answer.turn}: the context is not the one recorded with request {answer.request}",
                hint=f"{len(request.messages)} messages, recorded {asked.context_messages}",
            )
        if answer.error:
            raise ModelError(answer.error)
        return turn_of(answer)

    async def close(self) -> None:
        """Nothing is open."""
