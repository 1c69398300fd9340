"""The backend inside one process: for unit tests, benchmarks and runs whose agents share an event loop."""

from practicum.bus.memory.broker import MemoryBroker
from practicum.bus.memory.bus import MemoryBus

__all__ = ["MemoryBroker", "MemoryBus"]
