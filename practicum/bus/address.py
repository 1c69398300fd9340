"""To whom an event is addressed, and the subject it travels on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from practicum.errors import UsageError

Kind = Literal["agent", "channel", "all"]

_TOKEN = re.compile(r"^[A-Za-z0-9_-]{1,64}$")


def check_token(value: str, what: str) -> str:
    """Return `value` when it may stand as one token of a subject.

    Raises:
        UsageError: when it holds anything but letters, digits, `-` and `_`, or is longer than 64.
    """
    if not _TOKEN.match(value):
        raise UsageError(f"{what} {value!r} is not a name", hint="use letters, digits, '-' and '_', at most 64")
    return value


@dataclass(frozen=True, slots=True)
class Address:
    """The receiver of an event: one agent, a channel, or everybody."""

    kind: Kind
    name: str

    @property
    def token(self) -> str:
        """The two tokens that stand in a subject, such as `agent.dev-1`."""
        return f"{self.kind}.{self.name}"


EVERYONE = Address("all", "all")
"""Every agent's mailbox: what changed in the world."""

RECORD = Address("channel", "record")
"""Nobody's mailbox: what only the observer (and whoever watches the run) needs to see."""


def to_agent(name: str) -> Address:
    """The mailbox of one agent."""
    return Address("agent", name)


def to_channel(name: str) -> Address:
    """A channel that agents listen to."""
    return Address("channel", name)


def event_subject(run: str, source: str, to: Address, type_: str) -> str:
    """`practicum.{run}.from.{source}.to.{kind}.{name}.{type}`; a type is two tokens."""
    return f"practicum.{run}.from.{source}.to.{to.kind}.{to.name}.{type_}"


def ask_subject(run: str, source: str, service: str, verb: str) -> str:
    """Where `source` asks `service` something and awaits a private reply; never stored."""
    return f"practicum.{run}.from.{source}.ask.{service}.{verb}"


def events_filter(run: str) -> str:
    """Every stored event of a run."""
    return f"practicum.{run}.from.*.to.>"


def mailbox_filters(run: str, agent: str, channels: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What reaches an agent's mailbox: its own name, its channels, and what goes to everybody."""
    return (
        f"practicum.{run}.from.*.to.agent.{agent}.>",
        *(f"practicum.{run}.from.*.to.channel.{channel}.>" for channel in channels),
        f"practicum.{run}.from.*.to.all.>",
    )


@dataclass(frozen=True, slots=True)
class ParsedSubject:
    """The parts of an event's subject."""

    run: str
    source: str
    to: Address
    type: str


def parse_subject(subject: str) -> ParsedSubject | None:
    """Take an event's subject apart; None for a subject of another form."""
    parts = subject.split(".")
    if len(parts) != 9 or parts[0] != "practicum" or parts[2] != "from" or parts[4] != "to":
        return None
    if parts[5] not in ("agent", "channel", "all"):
        return None
    kind: Kind = parts[5]  # type: ignore[assignment]
    return ParsedSubject(parts[1], parts[3], Address(kind, parts[6]), f"{parts[7]}.{parts[8]}")


def subject_matches(filter_: str, subject: str) -> bool:
    """Whether a subject matches a NATS filter (`*` one token, `>` the rest, at least one)."""
    wanted, given = filter_.split("."), subject.split(".")
    for index, word in enumerate(wanted):
        if word == ">":
            return len(given) > index
        if index >= len(given) or word not in ("*", given[index]):
            return False
    return len(wanted) == len(given)
