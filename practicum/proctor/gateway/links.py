"""Rewrites the addresses in answers, so that SDKs which follow them come back to the gateway.

Only values of link fields are touched (`url`, `*_url`, `href`, `self`, `html`, `git`): a text in which somebody
mentions an address stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_FIELD = rb'"(?:[a-z_]*url|url_private(?:_download)?|href|self|html|git)"\s*:\s*"'


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of one service: each pair is where it really is, and where the agent reaches it."""

    pairs: tuple[tuple[str, str], ...]
    _pattern: re.Pattern[bytes]
    _replacements: dict[bytes, bytes]

    @classmethod
    def between(cls, pairs: Sequence[tuple[str, str]]) -> Links:
        """Links for the given pairs; the longest real address that fits counts."""
        ordered = tuple(sorted(((old, new) for old, new in pairs if old), key=lambda pair: -len(pair[0])))
        replacements: dict[bytes, bytes] = {}
        for old, new in ordered:
            replacements[old.encode()] = new.encode()
            replacements[old.replace("/", "\\/").encode()] = new.replace("/", "\\/").encode()
        options = b"|".join(re.escape(old) for old in sorted(replacements, key=len, reverse=True)) or b"(?!)"
        return cls(ordered, re.compile(b"(" + _FIELD + b")(" + options + rb')(?=[/"?#{]|\\/)'), replacements)

    def in_json(self, body: bytes) -> bytes:
        """A JSON text with its link fields turned towards the gateway."""
        return self._pattern.sub(lambda hit: hit[1] + self._replacements[hit[2]], body)

    def in_header(self, value: str) -> str:
        """A `Link` or `Location` header turned towards the gateway."""
        for old, new in self.pairs:
            value = re.sub(re.escape(old) + r"(?=[/?#>]|$)", lambda _, new=new: new, value)  # type: ignore[misc]
        return value

    def outward(self, body: bytes) -> bytes:
        """A request's text with the gateway's addresses turned into the real ones, for people outside to follow."""
        for old, new in self.pairs:
            body = re.sub(re.escape(new.encode()) + rb'(?=[/"?#\s)>]|\\/|$)', lambda _, old=old: old.encode(), body)  # type: ignore[misc]
        return body


def is_json(content_type: str) -> bool:
    """Whether a media type says JSON; GitHub's `raw`, `diff`, `patch` and `sha` forms end in `+json` and are not."""
    kind = content_type.partition(";")[0].strip().lower()
    if not (kind == "application/json" or kind.endswith("+json")):
        return False
    return not any(part in kind for part in (".raw", ".diff", ".patch", ".sha", ".html"))
