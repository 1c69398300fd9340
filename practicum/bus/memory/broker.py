"""What the connections of one process share: a log for each run, its readers, and who answers what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from practicum.bus.address import subject_matches
from practicum.bus.event import Event
from practicum.bus.memory.subscribe import Consumer, MemorySubscription
from practicum.errors import BusError

if TYPE_CHECKING:
    from practicum.bus.memory.ask import Answerer
    from practicum.bus.memory.bus import MemoryBus


class Log:
    """The stored events of one run, oldest first; sequence n is at index n - 1."""

    __slots__ = ("_consumers", "_durables", "_readers", "_sequences", "answerers", "entries")

    def __init__(self) -> None:
        self.entries: list[tuple[str, Event]] = []
        self.answerers: list[Answerer] = []
        self._sequences: dict[str, int] = {}
        self._consumers: list[Consumer] = []
        self._durables: dict[str, Consumer] = {}
        self._readers: dict[str, list[Consumer]] = {}

    def append(self, subject: str, event: Event) -> int:
        """Store and hand out; an event whose id is stored already keeps the sequence that it has."""
        sequence = len(self.entries) + 1
        known = self._sequences.setdefault(event.id, sequence)
        if known != sequence:
            return known
        self.entries.append((subject, event))
        readers = self._readers.get(subject)
        if readers is None:
            readers = self._readers[subject] = [one for one in self._consumers if one.wants(subject)]
        for reader in readers:
            reader.offer(sequence, subject, event)
        return sequence

    def read(self, filters: Sequence[str], durable: str | None, start: int) -> MemorySubscription:
        """A new reader, or the one that took the name `durable` before, with its position."""
        consumer = self._durables.get(durable) if durable else None
        if consumer is None:
            if not filters:
                raise BusError(f"there is no consumer {durable}")
            consumer = Consumer(tuple(filters), durable is not None)
            self._consumers.append(consumer)
            self._readers.clear()
            if durable:
                self._durables[durable] = consumer
            for sequence, (subject, event) in enumerate(self.entries[start - 1 :], start=start):
                if consumer.wants(subject):
                    consumer.offer(sequence, subject, event)
        return MemorySubscription(consumer, self.forget)

    def forget(self, consumer: Consumer) -> None:
        """A reader without a name is gone once it closes; a durable one keeps collecting."""
        if not consumer.durable and consumer in self._consumers:
            self._consumers.remove(consumer)
            self._readers.clear()

    def answerer_for(self, service: str, verb: str) -> Answerer | None:
        wanted = f"{service}.{verb}"
        return next((one for one in self.answerers if subject_matches(one.pattern, wanted)), None)


class MemoryBroker:
    """The middle of an in-process bus. Everything on it is lost with the process."""

    def __init__(self) -> None:
        self._logs: dict[str, Log] = {}

    def connect(self, run: str, source: str) -> MemoryBus:
        """A connection that may write as `source` into the log of `run`, and as nobody else."""
        from practicum.bus.memory.bus import MemoryBus

        return MemoryBus(self.log(run), run, source)

    def log(self, run: str) -> Log:
        """The log of one run; made on first use."""
        return self._logs.setdefault(run, Log())
