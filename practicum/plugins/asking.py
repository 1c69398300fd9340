"""Asking a model one thing: a system text and a prompt, and its answer as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from practicum.api.model import Model, ModelRequest, ModelUsage, UserMessage
from practicum.errors import ModelError, UsageError


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model said."""

    text: str
    usage: ModelUsage = field(default_factory=ModelUsage)
    cut: bool = False
    """It came to the limit of its output, so the text breaks off."""


class AskModel(Protocol):
    """Something that can be asked."""

    name: str
    """As the user wrote it: `anthropic/NAME`."""

    async def ask(self, system: str, prompt: str) -> Answered:
        """One answer; nothing is remembered from one question to the next.

        Raises:
            ModelError: no answer, or it refused.
        """
        ...


class RegistryModel:
    """Any model of `practicum.models`, as something that can be asked."""

    def __init__(self, model: Model, *, max_tokens: int | None = None, temperature: float | None = None) -> None:
        self.name = model.name
        self._model = model
        self._max_tokens = max_tokens
        self._temperature = temperature

    async def ask(self, system: str, prompt: str) -> Answered:
        request = ModelRequest(
            system=system,
            messages=(UserMessage(prompt),),
            tools=(),
            temperature=self._temperature,
            max_tokens=self._max_tokens,
        )
        turn = await self._model.respond(request)
        if turn.stop == "refusal":
            raise ModelError(f"{self.name} refused", hint=turn.text[:500])
        return Answered(turn.text, turn.usage, turn.stop == "length")

    async def close(self) -> None:
        """Close the connections."""
        await self._model.close()


def ask_model(name: str, *, base_url: str, api_key: str, max_tokens: int | None = None) -> RegistryModel:
    """A model by its name; `base_url` and `api_key` are the gateway's address and a lease, or the vendor's own.

    `max_tokens` of one answer; None for what the model gives by itself.

    Raises:
        UsageError: no such vendor, or one that cannot be asked (`script`, `replay`, `human`).
        MissingExtraError: the vendor's SDK is not installed.
    """
    from practicum.models.registry import open_model, parse_model

    ref = parse_model(name)
    if not ref.service:
        raise UsageError(f"{name} cannot write plugins", hint="give anthropic/NAME or openai/NAME, or no model at all")
    limit = None if "max_tokens" in ref.options else max_tokens
    return RegistryModel(open_model(ref, base_url=base_url, api_key=api_key), max_tokens=limit)
