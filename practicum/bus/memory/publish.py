"""Receipts of the in-process bus: known at once."""

from __future__ import annotations

from collections.abc import Callable

from practicum.errors import BusError


class MemoryReceipt:
    """The promise that one posted event is stored, which it is, or was refused."""

    __slots__ = ("_error", "_sequence", "_told")

    def __init__(
        self, sequence: int, error: BusError | None = None, told: Callable[[MemoryReceipt], None] | None = None
    ) -> None:
        self._sequence, self._error, self._told = sequence, error, told

    async def stored(self) -> int:
        if self._error is not None:
            if self._told is not None:
                self._told(self)
            raise self._error
        return self._sequence
