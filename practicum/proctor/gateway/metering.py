"""What a question to a model cost, read from the answer as it passes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from practicum.api.prices import price
from practicum.bus.events import Json

_BYTES_PER_TOKEN = 3
"""For answers that name no usage: text in Latin letters has about four bytes a token, so three count too many."""
_STREAMED_BYTES_PER_TOKEN = 25
"""For streams cut before they name their output: an event takes over a hundred bytes for one to four tokens."""
_UNSAID_OUTPUT = 4096
"""Tokens, for questions that name no limit of their own, as OpenAI lets them."""
_MAXIMUM_LINE = 1024 * 1024


@dataclass(slots=True)
class Tokens:
    """Counts of one answer."""

    input: int = 0
    """Without those read from or written to a cache."""
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


def estimate(vendor: str, body: Mapping[str, Json], size: int) -> float:
    """What a question may cost, in US dollars: its own bytes as input, `max_tokens` as output.

    Without a limit of its own an answer may be longer than is taken here.
    """
    known = price(vendor, str(body.get("model", "")))
    if known is None:
        return 0.0
    output = 0
    for name in ("max_tokens", "max_completion_tokens", "max_output_tokens"):
        asked = body.get(name)
        if isinstance(asked, int) and not isinstance(asked, bool):
            output = max(output, asked)
    output = output or _UNSAID_OUTPUT
    copies = body.get("n")
    return known.cost(size // _BYTES_PER_TOKEN, output * (copies if isinstance(copies, int) and copies > 1 else 1))


class Meter:
    """Reads the usage out of one answer, JSON or a stream of server-sent events.

    Sources: Anthropic `message_start` and `message_delta` (usage is cumulative), OpenAI chat completions (`usage` in
    the body, or in the last chunk with `stream_options.include_usage`), OpenAI responses (`response.completed`).
    """

    def __init__(self, vendor: str, model: str, request_bytes: int) -> None:
        self.vendor = vendor
        self.model = model
        self.tokens = Tokens()
        self.counted = False
        """Whether the vendor told the usage."""
        self._request_bytes = request_bytes
        self._answer_bytes = 0
        self._line = b""

    def whole(self, body: bytes) -> None:
        """A complete JSON answer."""
        self._answer_bytes += len(body)
        self._object(body)

    def feed(self, chunk: bytes) -> None:
        """The next piece of a stream of events."""
        self._answer_bytes += len(chunk)
        *lines, self._line = (self._line + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:") and b'"usage"' in line:
                self._object(line[5:])
        if len(self._line) > _MAXIMUM_LINE:
            self._line = b""

    def cost(self, status: int, *, cut: bool = False) -> float:
        """US dollars; an answer that is no success costs nothing.

        `cut`: the stream was left before its end; what came so far was paid for and is estimated.
        """
        known = price(self.vendor, self.model)
        if known is None or status >= 400:
            return 0.0
        if not self.counted:
            self.tokens = Tokens(self._request_bytes // _BYTES_PER_TOKEN, self._answer_bytes // _BYTES_PER_TOKEN)
        tokens = self.tokens
        if cut:
            tokens.output = max(tokens.output, self._answer_bytes // _STREAMED_BYTES_PER_TOKEN)
        return known.cost(tokens.input, tokens.output, tokens.cache_read, tokens.cache_write)

    def _object(self, raw: bytes) -> None:
        try:
            found = json.loads(raw)
        except ValueError:
            return
        if not isinstance(found, dict):
            return
        for holder in (found, found.get("message"), found.get("response")):
            if isinstance(holder, dict) and isinstance(holder.get("usage"), dict):
                self._usage(holder["usage"])

    def _usage(self, usage: Mapping[str, Json]) -> None:
        self.counted = True
        tokens = self.tokens
        if self.vendor == "anthropic":
            tokens.input = max(tokens.input, _number(usage, "input_tokens"))
            tokens.output = max(tokens.output, _number(usage, "output_tokens"))
            tokens.cache_read = max(tokens.cache_read, _number(usage, "cache_read_input_tokens"))
            tokens.cache_write = max(tokens.cache_write, _number(usage, "cache_creation_input_tokens"))
            return
        asked = _number(usage, "prompt_tokens") or _number(usage, "input_tokens")
        details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details")
        tokens.cache_read = _number(details, "cached_tokens") if isinstance(details, dict) else 0
        tokens.input = max(0, asked - tokens.cache_read)
        tokens.output = _number(usage, "completion_tokens") or _number(usage, "output_tokens")


def _number(usage: Mapping[str, Json], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
