"""The forms in which a secret may turn up, as pieces of a regular expression over bytes."""

from __future__ import annotations

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_plus, unquote_to_bytes

ANCHOR = 8
"""Characters by which a scan finds where a secret may begin; the whole is compared there."""

_WRAP = rb"(?:\\r|\\n|[\r\n])*"
"""Line breaks inside base64, plain or as JSON writes them (GitHub wraps file contents after 60 characters)."""
_BREAKS = re.compile(_WRAP)
_HALF_ESCAPE = re.compile(rb"%[0-9A-Fa-f]?\Z")


@dataclass(frozen=True, slots=True)
class Form:
    """One encoding of one secret."""

    text: bytes
    folded: bool = False
    """Either case is meant (hexadecimal)."""
    wrapped: bool = False
    """Line breaks may stand anywhere inside (base64)."""
    percent: bool = False
    """Each byte may be written as it is or as `%XX` (RFC 3986, section 2.1), in either case."""

    @property
    def window(self) -> int:
        """The most bytes that one occurrence takes, with a line break in every 50 characters."""
        if self.percent:
            return 3 * len(self.text)
        return len(self.text) + (4 * (len(self.text) // 50 + 1) if self.wrapped else 0)

    def starts(self) -> set[bytes]:
        """The first one and the first two bytes of every way in which an occurrence may begin."""
        first, second = self.text[:1], self.text[1:2]
        pairs = {first, first + second}
        if self.folded:
            pairs = {a + b for a in (first.lower(), first.upper()) for b in (b"", second.lower(), second.upper())}
        if self.percent:
            pairs |= {b"%", first + b"%", *(f"%{first[0]:02{kind}}"[:2].encode() for kind in "xX")}
        if self.wrapped:
            pairs |= {first + line_break for line_break in (b"\\", b"\r", b"\n")}
        return pairs

    def begins_with(self, tail: bytes) -> bool:
        """Whether `tail` may be the beginning of an occurrence."""
        if self.wrapped:
            if tail.endswith(b"\\"):
                tail = tail[:-1]
            tail = _BREAKS.sub(b"", tail)
        if self.percent:
            tail = unquote_to_bytes(_HALF_ESCAPE.sub(b"", tail))
        return self.text.startswith(tail.lower() if self.folded else tail)

    def end_of(self, data: bytes, place: int) -> int:
        """Where the occurrence that begins at `place` ends; -1 when none begins there."""
        if self.percent or self.wrapped:
            hit = _whole(self).match(data, place)
            return hit.end() if hit else -1
        end = place + len(self.text)
        found = data[place:end]
        return end if (found.lower() if self.folded else found) == self.text else -1

    def expressions(self, length: int) -> list[tuple[int, bytes]]:
        """First byte and expression of what follows, up to `length` characters, for each way to begin."""
        first, rest = self.text[:1], self.text[1:length]
        if self.percent:
            body = b"".join(b"(?:" + re.escape(bytes((byte,))) + b"|%" + _hex(byte) + b")" for byte in rest)
            return [(first[0], body), (ord("%"), _hex(first[0]) + body)]
        if self.wrapped:
            return [(first[0], b"".join(_WRAP + re.escape(bytes((byte,))) for byte in rest))]
        if self.folded:
            body = b"".join(_either(byte) for byte in rest)
            return [(byte, body) for byte in sorted({first.lower()[0], first.upper()[0]})]
        return [(first[0], re.escape(rest))]


@lru_cache(maxsize=256)
def _whole(form: Form) -> re.Pattern[bytes]:
    """One form in full. Compiled when something begins like it, which is rarely: compiling all would take seconds."""
    ways = form.expressions(len(form.text))
    return re.compile(b"|".join(re.escape(bytes((first,))) + rest for first, rest in ways))


def forms_of(value: bytes) -> list[Form]:
    """Every form of a secret: raw, JSON-escaped, percent-encoded, hexadecimal, base64 in three alignments."""
    text = value.decode(errors="surrogateescape")
    plain = {value}
    for ascii_only in (True, False):
        escaped = json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode(errors="surrogateescape")
        plain |= {escaped, escaped.replace(b"/", b"\\/")}
    plain.add(quote_plus(value).encode())
    found = [Form(each) for each in plain]
    found.append(Form(value, percent=True))
    found.append(Form(value.hex().encode(), folded=True))
    found.extend(Form(each, wrapped=True) for each in _base64(value))
    return found


def beginnings(forms: Iterable[Form]) -> bytes:
    """One expression for the first characters of all forms; those that begin alike are one alternative."""
    by_first: dict[int, set[bytes]] = defaultdict(set)
    for form in forms:
        for first, rest in form.expressions(ANCHOR):
            by_first[first].add(rest)
    return b"|".join(
        re.escape(bytes((first,))) + b"(?:" + b"|".join(sorted(rests)) + b")"
        for first, rests in sorted(by_first.items())
    )


def _base64(value: bytes) -> set[bytes]:
    """What base64 of any text that holds `value` must contain, at each of the three places it can start.

    Characters that also depend on the neighbours are left out (RFC 4648, section 4: 3 bytes become 4 characters).
    """
    found: set[bytes] = set()
    for before in range(3):
        after = -(before + len(value)) % 3
        encoded = base64.b64encode(b"\0" * before + value + b"\0" * after)
        start = (0, 2, 3)[before]
        end = len(encoded) - (0, 2, 3)[after]
        core = encoded[start:end]
        found |= {core, core.translate(bytes.maketrans(b"+/", b"-_")), core.replace(b"/", b"\\/")}
    return found


def _hex(byte: int) -> bytes:
    return b"".join(_either(digit) for digit in f"{byte:02x}".encode())


def _either(byte: int) -> bytes:
    lower, upper = bytes((byte,)).lower(), bytes((byte,)).upper()
    return lower if lower == upper else b"[" + lower + upper + b"]"
