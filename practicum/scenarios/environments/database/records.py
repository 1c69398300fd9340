"""Records as a scenario file writes them, checked, with the columns that they need."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from practicum.errors import UsageError

Kind = Literal["integer", "real", "text", "boolean", "json", "date", "time", "mixed"]
"""What a column holds. `integer` and `real` together are `real`; anything else together is `mixed`."""

Value = str | int | float | bool | date | datetime | None
"""JSON is text here already."""

_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Table:
    """One table to fill."""

    name: str
    columns: dict[str, Kind]
    """In the order in which the records name them."""
    records: tuple[dict[str, Value], ...]
    """A record holds the columns that it gives; the others get their default."""
    clashes: dict[str, tuple[int, str]]
    """Of a `mixed` column: the first record that does not fit those before it, and why."""


def read_tables(given: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Table, ...]:
    """Check names and values.

    Raises:
        UsageError: a name that can be none, or a value that no database holds; it names table, record and column.
    """
    return tuple(_table(name, records) for name, records in given.items())


def place(table: str, record: int = 0, column: str | None = None) -> str:
    """How errors name what is wrong. Records are counted from 1."""
    parts = [f"setup.db_seed.tables.{table}"]
    parts += [f"record {record}"] if record else []
    parts += [] if column is None else [f"column {column!r}"]
    return ", ".join(parts)


def _table(name: str, given: Sequence[Mapping[str, Any]]) -> Table:
    _check_name(name, place(name))
    columns: dict[str, Kind | None] = {}
    clashes: dict[str, tuple[int, str]] = {}
    records = []
    for number, record in enumerate(given, start=1):
        read: dict[str, Value] = {}
        for column, value in record.items():
            where = place(name, number, column)
            _check_name(column, where)
            kind, read[column] = _value(value, where)
            before = columns.get(column)
            columns[column] = _both(before, kind)
            if columns[column] == "mixed" != before:
                clashes[column] = (number, f"{kind} where the records before it have {before}")
        records.append(read)
    return Table(name, {column: kind or "text" for column, kind in columns.items()}, tuple(records), clashes)


def _check_name(name: str, where: str) -> None:
    if not name or "\0" in name or len(name) > 63:
        raise UsageError(f"{where}: a name has 1 to 63 characters and no NUL")


def _value(value: Any, where: str) -> tuple[Kind | None, Value]:
    match value:
        case None:
            return None, None
        case bool():
            return "boolean", value
        case int():
            if not -_LARGEST <= value < _LARGEST:
                raise UsageError(f"{where}: {value} is too large for 64 bits; write it as text")
            return "integer", value
        case float():
            return "real", value
        case str():
            if "\0" in value:
                raise UsageError(f"{where}: text cannot hold the character NUL")
            return "text", value
        case datetime():
            return "time", value
        case date():
            return "date", value
        case list() | dict():
            try:
                return "json", json.dumps(value, ensure_ascii=False, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise UsageError(f"{where}: cannot be written as JSON: {error}") from error
    raise UsageError(f"{where}: {type(value).__name__} is nothing that a database holds")


def _both(old: Kind | None, new: Kind | None) -> Kind | None:
    """The kind of a column whose values are of these kinds; None is that of a NULL, which fits everywhere."""
    if old is None or new is None or old == new:
        return new if old is None else old
    return "real" if {old, new} == {"integer", "real"} else "mixed"
