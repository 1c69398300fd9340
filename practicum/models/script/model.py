"""The model that answers by running a script one step further."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from random import Random
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from practicum.api.model import Message, ModelRequest, ModelTurn, ToolMessage, ToolRequest, UserMessage
from practicum.bus.event import Event
from practicum.errors import ModelError
from practicum.models.script.turn import Calls, Request, Script, ToolFailed, Turn, Wait


class ScriptModel:
    """Drives a script's coroutine by hand: it stops at each request and goes on with what the loop brings.

    There is no event loop inside, so a script that awaits a clock, a socket or a future cannot go unnoticed.
    """

    def __init__(self, script: Script, *, me: str, role: str, team: dict[str, str], seed: int = 0) -> None:
        self.name = f"script/{script.name}"
        self._script = script
        self._turn = Turn(me=me, role=role, team=team, random=Random(f"{seed}:{me}"))
        self._coroutine: Coroutine[Any, Any, None] | None = None
        self._request: Request | None = None
        self._inbox: list[Event] = []
        self._read = 0
        self._calls = 0
        self._done = False

    async def respond(self, request: ModelRequest) -> ModelTurn:
        """Take in the messages that are new since the last request and run to the next stop.

        Raises:
            ModelError: the script raised, or awaited something that is not the turn's.
        """
        new = request.messages[self._read :]
        self._read = len(request.messages) + 1  # the answer to this request will stand there next time
        results = self._take(new)
        if self._done:
            return ModelTurn(stop="done")
        if self._coroutine is None:
            self._coroutine = self._script.function(self._turn)  # type: ignore[assignment]
            self._step(None)
        elif isinstance(self._request, Calls):
            if results is None:
                raise ModelError(f"{self.name}: the results of the last calls did not come")
            self._step(results)
        return self._answer()

    def _take(self, messages: Sequence[Message]) -> list[Any] | None:
        results: list[Any] | None = None
        for message in messages:
            if isinstance(message, UserMessage):
                self._inbox.extend(Event.model_validate(item) for item in message.items)
            elif isinstance(message, ToolMessage) and isinstance(self._request, Calls):
                results = [
                    self._typed(pending, result.ok, result.content)
                    for pending, result in zip(self._request.pending, message.results, strict=True)
                ]
        return results

    def _typed(self, pending: Any, ok: bool, content: Any) -> Any:
        if not ok:
            return ToolFailed(pending.name, str(content))
        if isinstance(pending.tool, str):
            return content
        try:
            return pending.tool.result.validate_python(content)
        except ValidationError as error:
            raise ModelError(
                f"{self.name}: {pending.name} returned something else than it declares: {error}"
            ) from error

    def _step(self, value: Any) -> None:
        """Run on until the script asks for something that is not here yet."""
        if self._coroutine is None:
            raise ModelError(f"{self.name} has not begun")
        while True:
            try:
                wanted = self._coroutine.send(value)
            except StopIteration:
                self._done, self._request = True, None
                return
            except ToolFailed as error:
                raise ModelError(f"{self.name}: {error}") from error
            except Exception as error:  # the script's own mistake ends this agent, with its name
                raise ModelError(f"{self.name} raised {type(error).__name__}: {error}") from error
            if not isinstance(wanted, Calls | Wait):
                raise ModelError(
                    f"{self.name} awaited {type(wanted).__name__}; a script may only await what its turn offers",
                    hint="scripts run again on replay: use turn.call, turn.gather, turn.until",
                )
            self._request = wanted
            if isinstance(wanted, Calls):
                return
            found = self._find(wanted)
            if found is None:
                return
            value = found

    def _find(self, wait: Wait) -> Event | None:
        for index, event in enumerate(self._inbox):
            if wait.fits(event):
                return self._inbox.pop(index)
        return None

    def _answer(self) -> ModelTurn:
        if isinstance(self._request, Wait):
            found = self._find(self._request)
            if found is not None:
                self._step(found)
                return self._answer()
        text = "\n".join(self._turn.spoken)
        self._turn.spoken.clear()
        if self._done:
            return ModelTurn(text=text, stop="done")
        if isinstance(self._request, Wait):
            return ModelTurn(text=text, stop="waits", waiting_for=self._request.what)
        if self._request is None:
            raise ModelError(f"{self.name} asked for nothing")
        calls = []
        for pending in self._request.pending:
            self._calls += 1
            args = to_jsonable_python(pending.args)
            calls.append(ToolRequest(id=f"call-{self._calls}", tool=pending.name, args=args))
        return ModelTurn(text=text, calls=tuple(calls), stop="tools")

    async def close(self) -> None:
        """End the coroutine, so that its `finally` blocks run."""
        if self._coroutine is not None:
            self._coroutine.close()
