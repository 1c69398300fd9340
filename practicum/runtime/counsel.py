"""The run's judge: a model that the launcher asks, through the gateway like everybody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextvars import ContextVar

from pydantic_core import to_jsonable_python

from practicum.api.evaluator import Counsel
from practicum.api.model import Model, ModelRequest, ModelTurn, UserMessage
from practicum.bus.events import Data, ModelAnswered, ModelRequested, Usage
from practicum.errors import ModelError, UsageError
from practicum.models.canonical import digest_context, digest_tools
from practicum.models.registry import VENDORS, ModelRef, open_model, parse_model
from practicum.proctor.control import ServiceLease

Publish = Callable[[Data, str | None], Awaitable[str]]
"""Puts data on the bus as the launcher, with the id of its cause; the event's id."""

AT_ONCE = 4
"""Questions that are with the vendor at the same time; the rest wait."""

_asked: ContextVar[str] = ContextVar("asked", default="")
"""The `model.requested` that this task's question answers to: its outside calls name it as their cause."""


class LauncherJudge:
    """Asks the judge's model, or another one of a vendor that the run has a lease for.

    Every question and every answer is recorded, in words, under the launcher's name; `practicum.models.accounting`
    books them to `asker`. May be asked from several tasks at once.
    """

    def __init__(
        self,
        leases: Mapping[str, ServiceLease],
        model: str,
        actors: Collection[str],
        publish: Publish,
        asker: str = "judge",
    ) -> None:
        """`leases` are those of the judge, by service; `model` is the run's judge, empty for none; `actors` are the
        models of the agents, as in the plan; `asker` is in whose name the leases are: `judge`, or `user`.
        """
        self._asker = asker
        self._leases, self._model, self._publish = leases, model.strip(), publish
        self._actors = {_plain(actor) for actor in actors}
        self._open: dict[str, Model] = {}
        self._opening = asyncio.Lock()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._requests = 0

    def name(self, model: str = "") -> str:
        """Which model would answer, `anthropic/NAME`; empty when there is none."""
        try:
            return str(self._ref(model)[0])
        except ModelError:
            return ""

    async def ask(
        self,
        system: str,
        prompt: str,
        *,
        model: str = "",
        temperature: float | None = None,
        max_tokens: int | None = None,
        timeout_s: float | None = None,
    ) -> Counsel:
        """Ask once, without tools and without memory. `timeout_s` counts from when the vendor is asked.

        Raises:
            ModelError: there is no such model for this run, no answer in time, or an answer without words.
        """
        ref, text = self._ref(model)
        async with self._slots:
            opened = await self._opened(ref, text)
            self._requests += 1
            number = self._requests
            message = UserMessage(prompt)
            asked = await self._publish(
                ModelRequested(
                    turn=0,
                    request=number,
                    model=opened.name,
                    new_messages=({"role": "system", "text": system}, {"role": "user", "text": prompt}),
                    context_messages=1,
                    context_digest=digest_context([message], (), system),
                    tools_digest=digest_tools(()),
                    asker=self._asker,
                ),
                None,
            )
            begun = time.perf_counter()
            token = _asked.set(asked)
            try:
                turn = await _within(opened, ModelRequest(system, [message], (), temperature, max_tokens), timeout_s)
            except ModelError as error:
                failed = ModelAnswered(
                    turn=0,
                    request=number,
                    text="",
                    calls=(),
                    stop="error",
                    error=str(error),
                    asker=self._asker,
                )
                await self._publish(failed, asked)
                raise
            finally:
                _asked.reset(token)
            seconds = time.perf_counter() - begun
            event = await self._publish(
                ModelAnswered(
                    turn=0,
                    request=number,
                    text=turn.text,
                    calls=(),
                    stop=turn.stop,
                    usage=Usage(**to_jsonable_python(turn.usage)),
                    ms=round(seconds * 1000, 3),
                    asker=self._asker,
                ),
                asked,
            )
        if not turn.text.strip():
            raise ModelError(f"{opened.name} answered without a word (it stopped at {turn.stop!r})", hint=_hint(turn))
        return Counsel(turn.text, opened.name, seconds, opened.name in self._actors, event)

    async def close(self) -> None:
        """Close every connection. Questions that are out fail."""
        opened, self._open = list(self._open.values()), {}
        for model in opened:
            await model.close()

    def _ref(self, model: str) -> tuple[ModelRef, str]:
        """The model that is meant, and the text that names it.

        Raises:
            ModelError: none is named, its name is none, or the run has no lease for its vendor.
        """
        text = model.strip() or self._model
        if model.strip() and model.strip().partition("/")[0].partition("?")[0] not in VENDORS:
            if not self._model:
                raise ModelError(
                    f"the run has no judge, so {model!r} has no vendor", hint="write anthropic/NAME or openai/NAME"
                )
            text = f"{self._model.partition('/')[0]}/{text}"
        if not text:
            raise ModelError("the run has no judge", hint="name one: --judge anthropic/NAME")
        try:
            ref = parse_model(text)
        except UsageError as error:
            raise ModelError(error.message, hint=error.hint) from error
        if not ref.service:
            raise ModelError(f"{ref} cannot judge", hint="a judge is anthropic/NAME or openai/NAME")
        if ref.service not in self._leases:
            raise ModelError(
                f"{ref} cannot be asked: the run has no lease for {ref.service}",
                hint=f"leave the model out to ask {self._model}" if self._model and model.strip() else "",
            )
        return ref, text

    async def _opened(self, ref: ModelRef, text: str) -> Model:
        async with self._opening:
            if text not in self._open:
                lease = self._leases[ref.service]
                try:
                    # In a thread: importing a vendor's SDK takes a second, and the launcher has a bus to serve.
                    self._open[text] = await asyncio.to_thread(
                        open_model, ref, base_url=lease.url, api_key=lease.token, cause=_asked.get, agent=self._asker
                    )
                except UsageError as error:
                    raise ModelError(error.message, hint=error.hint) from error
            return self._open[text]


async def _within(model: Model, request: ModelRequest, timeout_s: float | None) -> ModelTurn:
    try:
        async with asyncio.timeout(timeout_s):
            return await model.respond(request)
    except TimeoutError as error:
        raise ModelError(f"{model.name} did not answer within {timeout_s:g} s") from error


def _plain(model: str) -> str:
    """A model's name without options; as it stands where it is none."""
    try:
        return str(parse_model(model))
    except UsageError:
        return model


def _hint(turn: ModelTurn) -> str:
    return "allow it more tokens: max_tokens" if turn.stop == "length" else ""
