"""One way to read a path, so that the proctor and the service behind it can never read two different ones.

What does not have one plain reading is refused: empty and dot segments, backslashes, control characters, matrix
parameters, double encoding, broken UTF-8 (RFC 3986, sections 3.3 and 6).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from practicum.errors import PracticumError

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")


class AmbiguousPathError(PracticumError):
    """A path that two servers might read differently."""


def segments_of(raw_path: str) -> tuple[str, ...]:
    """The decoded segments of a raw path (`/a/b%20c` gives `a`, `b c`); a segment may hold an encoded slash.

    Raises:
        AmbiguousPathError: when the path has no single plain reading.
    """
    if not raw_path.startswith("/") or ";" in raw_path or _BROKEN_ESCAPE.search(raw_path):
        raise AmbiguousPathError("the path is malformed")
    if "%" not in raw_path:
        segments = tuple(raw_path[1:].split("/"))
    else:
        try:
            segments = tuple(unquote_to_bytes(part).decode() for part in raw_path[1:].split("/"))
        except UnicodeDecodeError as error:
            raise AmbiguousPathError("the path is not UTF-8") from error
        if any(_ESCAPE.search(segment) for segment in segments):
            raise AmbiguousPathError("the path is encoded twice")
    for segment in segments:
        if _FORBIDDEN.search(segment) or any(part in ("", ".", "..") for part in segment.split("/")):
            raise AmbiguousPathError("the path has empty, dot or control segments")
    return segments


def encoded(segments: tuple[str, ...]) -> str:
    """The canonical raw path of segments: the only form that is ever sent on."""
    return "/" + "/".join(quote(segment, safe="-._~!$&'()*+,=:@") for segment in segments)


def query_of(raw_query: str) -> dict[str, str]:
    """The parameters of a query; a name given twice is refused, since services differ in which one they take.

    Raises:
        AmbiguousPathError: on a repeated name that does not end in `[]`.
    """
    found: dict[str, str] = {}
    for name, value in parse_qsl(raw_query, keep_blank_values=True, max_num_fields=200):
        if name in found and not name.endswith("[]"):
            raise AmbiguousPathError(f"the parameter {name!r} is given twice")
        found[name] = value
    return found
