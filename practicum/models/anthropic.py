"""`anthropic/NAME`: a model behind Anthropic's Messages API, through the official SDK."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import anthropic
import httpx

from practicum.api.model import ModelRequest, ModelTurn
from practicum.models.anthropic_context import message_blocks, system_blocks, tool_blocks
from practicum.models.anthropic_stream import Answer
from practicum.models.cost import priced
from practicum.models.retry import Patience, Trouble, answered, status_trouble
from practicum.models.transport import CAUSE_HEADER, http_client

DEFAULT_MAX_TOKENS = 16_384
"""The API wants a limit; this one holds a long file and is below every current model's own."""

_AS_THEY_ARE = frozenset({"system", "messages", "tools"})
"""Given to the SDK as extra members of the body: its walk through their declared types changes nothing in plain JSON
and takes 100 ms for a conversation of a hundred messages."""

_BUSY = frozenset({"overloaded_error", "rate_limit_error"})
_BROKEN = frozenset({"api_error", "timeout_error"})


class AnthropicModel:
    """One model. Answers are streamed, so that a long one does not run into a time limit on the way."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str,
        api_key: str,
        cause: Callable[[], str],
        max_tokens: int | None = None,
        thinking: int | Literal["adaptive"] | None = None,
        patience: Patience = Patience(),
    ) -> None:
        self.name = f"anthropic/{model}"
        self._model = model
        self._key = api_key
        self._cause = cause
        self._max_tokens = max_tokens or DEFAULT_MAX_TOKENS
        self._thinking = thinking
        self._patience = patience
        http = http_client(base_url)
        self._client = anthropic.AsyncAnthropic(base_url=base_url, api_key=api_key, max_retries=0, http_client=http)

    async def respond(self, request: ModelRequest) -> ModelTurn:
        """Give one turn; busy and broken vendors are tried again within `patience`.

        Raises:
            ModelError: the vendor refused, or did not answer in time. Its message is kept, without the key.
        """
        body = self._body(request)
        turn = await answered(lambda: self._attempt(body), who=self.name, patience=self._patience, secret=self._key)
        return replace(turn, usage=priced("anthropic", self._model, turn.usage))

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        system = system_blocks(request.system)
        body: dict[str, Any] = {
            "model": self._model,
            "max_tokens": request.max_tokens or self._max_tokens,
            "messages": message_blocks(request.messages, model=self._model),
        }
        if system:
            body["system"] = system
        if request.tools:
            body["tools"] = tool_blocks(request.tools, cached=not system)
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if self._thinking == "adaptive":
            body["thinking"] = {"type": "adaptive"}
        elif self._thinking is not None:
            body["thinking"] = {"type": "enabled", "budget_tokens": self._thinking}
        return body

    async def _attempt(self, body: dict[str, Any]) -> ModelTurn:
        cause = self._cause()
        headers = {CAUSE_HEADER: cause} if cause else {}
        plain = {name: value for name, value in body.items() if name in _AS_THEY_ARE}
        typed = {name: value for name, value in body.items() if name not in _AS_THEY_ARE}
        answer = Answer()
        try:
            async with await self._client.messages.create(
                **typed, messages=(), stream=True, extra_headers=headers, extra_body=plain
            ) as stream:
                async for event in stream:
                    answer.take(event)
        except anthropic.APIStatusError as error:
            raise _trouble(error) from error
        except anthropic.APITimeoutError as error:
            raise Trouble("the connection was silent for too long", retry=True) from error
        except anthropic.APIConnectionError as error:
            raise Trouble(f"no connection ({error.__cause__ or error})", retry=True) from error
        except anthropic.APIError as error:
            raise Trouble(error.message) from error
        except httpx.HTTPError as error:
            raise Trouble(f"the stream broke off ({error})", retry=True) from error
        except json.JSONDecodeError as error:
            raise Trouble(f"the stream is not readable ({error})", retry=True) from error
        return answer.turn(self._model)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _trouble(error: anthropic.APIStatusError) -> Trouble:
    kind, message = "", error.message
    if isinstance(error.body, dict) and isinstance(error.body.get("error"), dict):
        kind = str(error.body["error"].get("type", ""))
        message = f"{kind}: {error.body['error'].get('message', '')}"
    if error.status_code < 400:  # an error event inside a stream that began well
        return Trouble(message, retry=kind in _BUSY | _BROKEN, busy=kind in _BUSY)
    return status_trouble(error.status_code, message, error.response.headers, _hint(error.status_code))


def _hint(status: int) -> str:
    match status:
        case 401:
            return "the key that the gateway put on the request is not accepted: see `practicum secrets`"
        case 404:
            return "check the model's name"
        case _:
            return ""
