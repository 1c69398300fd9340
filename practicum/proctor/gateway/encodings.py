"""The forms in which a secret may turn up, as pieces of a regular expression over bytes."""

from __future__ import annotations

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote_plus, unquote_to_bytes

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

    def expressions(self) -> list[tuple[int, bytes]]:
        """First byte and expression of the rest, one for each way in which the form may begin."""
        first, rest = self.text[:1], self.text[1:]
        if self.wrapped:
            return [(first[0], b"".join(_WRAP + re.escape(bytes((byte,))) for byte in rest))]
        if self.percent:
            body = b"".join(b"(?:" + re.escape(bytes((byte,))) + b"|%" + _hex(byte) + b")" for byte in rest)
            return [(first[0], body), (ord("%"), _hex(first[0]) + body)]
        if self.folded:
            body = b"".join(_either(byte) for byte in rest)
            return [(byte, body) for byte in {first.lower()[0], first.upper()[0]}]
        return [(first[0], re.escape(rest))]


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


def expression(forms: Iterable[Form]) -> bytes:
    """One expression for all forms, longest first, with the forms that begin alike tried together."""
    by_first: dict[int, list[bytes]] = defaultdict(list)
    for form in sorted(forms, key=lambda form: len(form.text), reverse=True):
        for first, rest in form.expressions():
            by_first[first].append(rest)
    return b"|".join(
        re.escape(bytes((first,))) + b"(?:" + b"|".join(rests) + b")" for first, rests in sorted(by_first.items())
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
