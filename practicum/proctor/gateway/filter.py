"""Keeps the proctor's secrets out of whatever it lets through, in every encoding and across the chunks of a stream."""

from __future__ import annotations

import re
from collections import defaultdict

from practicum.ids import LEASE_TOKEN
from practicum.proctor.gateway.encodings import Form, expression, forms_of
from practicum.proctor.secret import Secret

REDACTED = b"[redacted]"
MINIMUM_LENGTH = 8
"""Shorter values are no secrets: replacing them would garble ordinary answers."""


class SecretFilter:
    """Replaces every registered secret by `[redacted]`.

    Found are the raw value, base64 in its three alignments (standard and URL alphabet, also wrapped), percent
    encoding, JSON escapes, and hexadecimal.
    """

    def __init__(self) -> None:
        self._values: set[bytes] = set()
        self._forms: list[Form] = []
        self._pattern: re.Pattern[bytes] | None = None
        self._window = 0
        self._starts: dict[bytes, list[Form]] = {}

    def add(self, secret: Secret | str) -> None:
        """Register a secret; adding it again changes nothing.

        Raises:
            ValueError: the value is under 8 characters and cannot be told from ordinary text.
        """
        value = (secret if isinstance(secret, str) else secret.reveal()).encode()
        if value in self._values:
            return
        if len(value) < MINIMUM_LENGTH:
            raise ValueError(f"a secret has at least {MINIMUM_LENGTH} characters")
        self._values.add(value)
        self._forms.extend(forms_of(value))
        self._pattern = re.compile(expression(self._forms))
        self._window = max(form.window for form in self._forms)
        starts: dict[bytes, list[Form]] = defaultdict(list)
        for form in self._forms:
            for start in form.starts():
                starts[start].append(form)
        self._starts = dict(starts)

    def clean(self, data: bytes) -> bytes:
        """A whole message without secrets."""
        return data if self._pattern is None else self._pattern.sub(REDACTED, data)

    def clean_text(self, text: str) -> str:
        """A whole text without secrets, and without lease tokens."""
        raw = self.clean(text.encode(errors="surrogateescape"))
        return LEASE_TOKEN.sub(REDACTED, raw).decode(errors="surrogateescape")

    def split(self, data: bytes) -> tuple[bytes, bytes]:
        """Clean what is decided, and hand back the tail that may be the beginning of a secret.

        Only a tail that really is such a beginning is held, so events of a stream are not delayed.
        """
        if self._pattern is None:
            return data, b""
        cleaned: list[bytes] = []
        end = 0
        for hit in self._pattern.finditer(data):
            cleaned += (data[end : hit.start()], REDACTED)
            end = hit.end()
        hold = self._held_from(data, end)
        cleaned.append(data[end:hold])
        return b"".join(cleaned), data[hold:]

    def stream(self) -> FilteredStream:
        """A filter for one stream of chunks."""
        return FilteredStream(self)

    def _held_from(self, data: bytes, start: int) -> int:
        starts = self._starts
        for place in range(max(start, len(data) - self._window), len(data)):
            forms = starts.get(data[place : place + 2])
            if forms is not None:
                tail = data[place:]
                if any(form.begins_with(tail) for form in forms):
                    return place
        return len(data)


class FilteredStream:
    """One stream: feed chunks, get what may be passed on; the window is kept between chunks."""

    def __init__(self, parent: SecretFilter) -> None:
        self._filter = parent
        self._held = b""

    def feed(self, chunk: bytes) -> bytes:
        """What of everything fed so far may be passed on now."""
        done, self._held = self._filter.split(self._held + chunk if self._held else chunk)
        return done

    def end(self) -> bytes:
        """What was still held when the stream ended: it did not become a secret."""
        rest, self._held = self._held, b""
        return self._filter.clean(rest)
