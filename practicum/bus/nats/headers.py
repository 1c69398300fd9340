"""The header block of a NATS message (ADR-4, https://github.com/nats-io/nats-architecture-and-design)."""

from __future__ import annotations

MESSAGE_ID = "Nats-Msg-Id"
"""JetStream stores one message for each value within the stream's duplicate window."""
ERROR = "Practicum-Error"
"""On a reply: why the question was not answered."""

_VERSION = len(b"NATS/1.0 ")


def block(name: str, text: str) -> bytes:
    """A header block of one line; line ends inside `text` become blanks."""
    return f"NATS/1.0\r\n{name}: {' '.join(text.split())}\r\n\r\n".encode()


def status(block: bytes | None) -> str:
    """The three digits of a status line such as `NATS/1.0 408 Request Timeout`; empty for a message with none."""
    if block is None or block[_VERSION - 1 : _VERSION] != b" ":
        return ""
    return block[_VERSION : _VERSION + 3].decode("ascii", "replace")


def description(block: bytes) -> str:
    """The words of a status line."""
    return block.split(b"\r\n", 1)[0][_VERSION + 3 :].strip().decode("utf-8", "replace")


def value(block: bytes | None, name: str) -> str:
    """One header's value; empty when it is absent."""
    wanted = name.lower().encode()
    for line in (block or b"").split(b"\r\n")[1:]:
        key, _, text = line.partition(b":")
        if key.strip().lower() == wanted:
            return text.strip().decode("utf-8", "replace")
    return ""
