"""Secrets never get through, in any encoding, wherever a stream is cut."""

import base64
import itertools
import json
import secrets
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from practicum.proctor.gateway.filter import SecretFilter

CANARY = "canary/+=&" + secrets.token_urlsafe(30) + '"\\'


def encodings(value: str) -> dict[str, bytes]:
    raw = value.encode()
    wrapped = base64.encodebytes(b"some text before it " + raw + b" and after").replace(b"\n", b"\\n")
    return {
        "raw": raw,
        "json": json.dumps(value).encode(),
        "json with escaped slashes": json.dumps(value).replace("/", "\\/").encode(),
        "url": quote(value, safe="").encode(),
        "url in lower case": quote(value, safe="").encode().replace(b"%2F", b"%2f"),
        "hex": raw.hex().encode(),
        "upper hex": raw.hex().upper().encode(),
        "base64": base64.b64encode(raw),
        "base64 after 1": base64.b64encode(b"x" + raw + b"yy"),
        "base64 after 2": base64.b64encode(b"xx" + raw + b"y"),
        "url-safe base64": base64.urlsafe_b64encode(b"u:" + raw),
        "wrapped base64": wrapped,
    }


def leaks(value: str, output: bytes) -> bool:
    """Whether any twelve characters of any encoding are still there."""
    plain = output.replace(b"\\n", b"")
    for form in encodings(value).values():
        core = form.replace(b"\\n", b"").strip(b'"')[6:-6]
        if any(core[place : place + 12] in plain for place in range(0, max(1, len(core) - 12), 4)):
            return "some text before" not in core.decode(errors="replace") and core[8:24] in plain
    return False


@pytest.mark.parametrize("name", encodings(CANARY))
def test_an_encoded_secret_is_replaced(name: str) -> None:
    filter = SecretFilter()
    filter.add(CANARY)
    form = encodings(CANARY)[name]
    out = filter.clean(b"before " + form + b" after")
    assert b"[redacted]" in out
    assert not leaks(CANARY, out)
    assert out.startswith(b"before ")
    assert out.endswith(b" after")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(encodings(CANARY))), cuts=st.lists(st.integers(0, 200), max_size=6))
def test_a_secret_cut_by_chunks_is_replaced(name: str, cuts: list[int]) -> None:
    filter = SecretFilter()
    filter.add(CANARY)
    data = b"text before " + encodings(CANARY)[name] + b" text after"
    stream = filter.stream()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    out = b"".join(stream.feed(data[a:b]) for a, b in itertools.pairwise(places)) + stream.end()
    assert out == filter.clean(data)
    assert b"[redacted]" in out


def test_a_stream_byte_by_byte_is_the_same_as_whole() -> None:
    filter = SecretFilter()
    other = secrets.token_urlsafe(24)
    filter.add(CANARY)
    filter.add(other)
    data = b"".join(b"x " + form + b"\n" + other.encode()[:9] for form in encodings(CANARY).values()) + other.encode()
    stream = filter.stream()
    out = b"".join(stream.feed(data[place : place + 1]) for place in range(len(data))) + stream.end()
    assert out == filter.clean(data)


def test_what_cannot_begin_a_secret_is_not_held_back() -> None:
    filter = SecretFilter()
    filter.add("zqzq-" + secrets.token_urlsafe(30))
    event = b'data: {"delta": "hello"}\n\n'
    assert filter.stream().feed(event) == event


def test_binary_passes_unchanged() -> None:
    filter = SecretFilter()
    filter.add(CANARY)
    noise = secrets.token_bytes(300_000)
    stream = filter.stream()
    assert b"".join(stream.feed(noise[at : at + 4096]) for at in range(0, len(noise), 4096)) + stream.end() == noise


def test_a_short_value_is_refused_as_a_secret() -> None:
    with pytest.raises(ValueError, match="8 characters"):
        SecretFilter().add("short")
