"""`openai/NAME`: a model behind OpenAI's chat completions, or any server that speaks them, through the official SDK.

Chat completions and not the Responses API: vLLM, Ollama, OpenRouter and the others speak them, and a context that is
sent whole each time can be recorded, compared and forked without asking the vendor for its half.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import openai

from practicum.api.model import ModelRequest, ModelTurn
from practicum.models.cost import priced
from practicum.models.openai_context import chat_messages, chat_tools
from practicum.models.openai_stream import Answer
from practicum.models.retry import Patience, Trouble, answered, status_trouble
from practicum.models.transport import CAUSE_HEADER, http_client

_REASONING = re.compile(r"^(?:o\d|gpt-(?:[5-9]|\d\d))(?!.*-chat)")
"""Models that think first: they take `max_completion_tokens` for `max_tokens` and no temperature."""

_AS_THEY_ARE = frozenset({"messages", "tools"})
"""Given to the SDK as extra members of the body: its walk through their declared types changes nothing in plain JSON
and takes 100 ms for a conversation of a hundred messages."""

_FINAL = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
"""Said with status 429, and no waiting helps."""


def is_reasoning(model: str) -> bool:
    """Whether a model of OpenAI's thinks before it answers, by its name; without the organisation before a slash."""
    return _REASONING.match(model.rpartition("/")[2]) is not None


class OpenAIModel:
    """One model. Answers are streamed, so that a long one does not run into a time limit on the way."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str,
        api_key: str,
        cause: Callable[[], str],
        max_tokens: int | None = None,
        effort: str = "",
        patience: Patience = Patience(),
    ) -> None:
        self.name = f"openai/{model}"
        self._model = model
        self._key = api_key
        self._cause = cause
        self._max_tokens = max_tokens
        self._effort = effort
        self._patience = patience
        http = http_client(base_url)
        self._client = openai.AsyncOpenAI(base_url=base_url, api_key=api_key, max_retries=0, http_client=http)

    async def respond(self, request: ModelRequest) -> ModelTurn:
        """Give one turn; busy and broken vendors are tried again within `patience`.

        A reasoning model is not sent the request's temperature: it has none.

        Raises:
            ModelError: the vendor refused, or did not answer in time. Its message is kept, without the key.
        """
        body = self._body(request)
        turn = await answered(lambda: self._attempt(body), who=self.name, patience=self._patience, secret=self._key)
        return replace(turn, usage=priced("openai", self._model, turn.usage))

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        reasoning = is_reasoning(self._model)
        body: dict[str, Any] = {
            "model": self._model,
            "messages": chat_messages(request.system, request.messages),
            "stream_options": {"include_usage": True},
        }
        if request.tools:
            body["tools"] = chat_tools(request.tools)
        limit = request.max_tokens or self._max_tokens
        if limit is not None:
            body["max_completion_tokens" if reasoning else "max_tokens"] = limit
        if request.temperature is not None and not reasoning:
            body["temperature"] = request.temperature
        if self._effort:
            body["reasoning_effort"] = self._effort
        return body

    async def _attempt(self, body: dict[str, Any]) -> ModelTurn:
        cause = self._cause()
        headers = {CAUSE_HEADER: cause} if cause else {}
        plain = {name: value for name, value in body.items() if name in _AS_THEY_ARE}
        typed = {name: value for name, value in body.items() if name not in _AS_THEY_ARE}
        answer = Answer()
        try:
            async with await self._client.chat.completions.create(
                **typed, messages=(), stream=True, extra_headers=headers, extra_body=plain
            ) as stream:
                async for chunk in stream:
                    answer.take(chunk)
        except openai.APIStatusError as error:
            raise _trouble(error) from error
        except openai.APITimeoutError as error:
            raise Trouble("the connection was silent for too long", retry=True) from error
        except openai.APIConnectionError as error:
            raise Trouble(f"no connection ({error.__cause__ or error})", retry=True) from error
        except openai.APIError as error:  # an error inside a stream that began well
            raise _stream_trouble(error) from error
        except httpx.HTTPError as error:
            raise Trouble(f"the stream broke off ({error})", retry=True) from error
        except json.JSONDecodeError as error:
            raise Trouble(f"the stream is not readable ({error})", retry=True) from error
        return answer.turn()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _trouble(error: openai.APIStatusError) -> Trouble:
    message = error.message
    if isinstance(error.body, dict) and error.body.get("message"):
        message = str(error.body["message"])
    trouble = status_trouble(error.status_code, message, error.response.headers, _hint(error.status_code))
    if error.code in _FINAL:
        trouble.retry = trouble.busy = False
    return trouble


def _stream_trouble(error: openai.APIError) -> Trouble:
    busy = error.code == "rate_limit_exceeded"
    broken = error.type == "server_error" or error.code in ("server_error", "timeout")
    return Trouble(error.message, retry=busy or broken, busy=busy)


def _hint(status: int) -> str:
    match status:
        case 401:
            return "the key that the gateway put on the request is not accepted: see `practicum secrets`"
        case 404:
            return "check the model's name"
        case _:
            return ""
