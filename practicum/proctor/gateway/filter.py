"""Keeps the proctor's secrets out of whatever it lets through, in every encoding and across the chunks of a stream."""

from __future__ import annotations

import re
from collections import defaultdict

from practicum.ids import LEASE_TOKEN
from practicum.proctor.gateway.encodings import Form, beginnings, forms_of
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
        self._beginning: re.Pattern[bytes] | None = None
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
        self._beginning = None

    def clean(self, data: bytes) -> bytes:
        """A whole message without secrets."""
        return b"".join(self._pieces(data)[0]) if self._values else data

    def clean_text(self, text: str) -> str:
        """A whole text without secrets, and without lease tokens."""
        raw = self.clean(text.encode(errors="surrogateescape"))
        return LEASE_TOKEN.sub(REDACTED, raw).decode(errors="surrogateescape")

    def split(self, data: bytes) -> tuple[bytes, bytes]:
        """Clean what is decided, and hand back the tail that may be the beginning of a secret.

        Only a tail that really is such a beginning is held, so events of a stream are not delayed.
        """
        if not self._values:
            return data, b""
        pieces, end = self._pieces(data)
        rest = pieces.pop()
        hold = self._held_from(data, end) - end
        return b"".join((*pieces, rest[:hold])), rest[hold:]

    def stream(self) -> FilteredStream:
        """A filter for one stream of chunks."""
        return FilteredStream(self)

    def _pieces(self, data: bytes) -> tuple[list[bytes], int]:
        """The text with its secrets replaced, the last piece being what follows the last secret, and where that is."""
        search = self._ready().search
        pieces: list[bytes] = []
        done = place = 0
        while hit := search(data, place):
            start = hit.start()
            end = max((form.end_of(data, start) for form in self._starts.get(data[start : start + 2], ())), default=-1)
            if end < 0:
                place = start + 1
                continue
            pieces += (data[done:start], REDACTED)
            done = place = end
        pieces.append(data[done:])
        return pieces, done

    def _ready(self) -> re.Pattern[bytes]:
        """The scan's expression, compiled when it is first needed after a secret was added."""
        if self._beginning is None:
            self._beginning = re.compile(beginnings(self._forms))
            self._window = max(form.window for form in self._forms)
            starts: dict[bytes, list[Form]] = defaultdict(list)
            for form in self._forms:
                for start in form.starts():
                    starts[start].append(form)
            self._starts = dict(starts)
        return self._beginning

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
