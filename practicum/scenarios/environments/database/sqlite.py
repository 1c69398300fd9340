"""SQLite: a file in the workspace."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

from practicum.errors import UsageError
from practicum.scenarios.environments.database.records import Kind, Table, Value, place

_LONGEST_S = 30.0
_STEPS = 100_000
"""Instructions of SQLite's machine between two looks at the clock."""
_TYPES: dict[Kind, str] = {
    "integer": "INTEGER",
    "real": "REAL",
    "text": "TEXT",
    "boolean": "BOOLEAN",
    "json": "JSON",
    "date": "DATE",
    "time": "TIMESTAMP",
    "mixed": "",
}
"""SQLite keeps what it is given (sqlite.org/datatype3.html); these names are for who reads the schema."""


def seed_sqlite(file: Path, sql: str, tables: tuple[Table, ...]) -> None:
    """Make or open the database `file`, run `sql`, fill the tables, all or nothing. Blocks, for at most half a minute.

    The statements are the scenario's and run in our own process: they reach no other file than this one.

    Raises:
        UsageError: a statement or a record does not fit; the message names it.
    """
    try:
        if file.is_symlink():
            raise UsageError(f"setup.db_seed: {file.name} is a link")
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.set_authorizer(_allowed)
            until = time.monotonic() + _LONGEST_S
            connection.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
            _run(connection, sql)
            connection.execute("BEGIN")
            for table in tables:
                _fill(connection, table)
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise UsageError(f"setup.db_seed: {file.name}: {error}") from error


def _allowed(action: int, first: str | None, second: str | None, *_: object) -> int:
    """Refuse what opens other files (sqlite.org/c3ref/set_authorizer.html). VACUUM INTO asks as ATTACH."""
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and str(first).lower().endswith("_directory"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _run(connection: sqlite3.Connection, sql: str) -> None:
    try:
        connection.executescript(sql)
        if connection.in_transaction:
            connection.execute("COMMIT")
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise UsageError(f"setup.db_seed.sql: {error}") from error


def _fill(connection: sqlite3.Connection, table: Table) -> None:
    name = quoted(table.name)
    there = [str(row[1]) for row in connection.execute(f"PRAGMA table_xinfo({name})")]
    if not there:
        if not table.columns:
            raise UsageError(f"{place(table.name)}: a new table needs a record that names its columns")
        columns = ", ".join(f"{quoted(column)} {_TYPES[kind]}".strip() for column, kind in table.columns.items())
        try:
            connection.execute(f"CREATE TABLE {name} ({columns})")
        except sqlite3.Error as error:
            raise UsageError(f"{place(table.name)}: {error}") from error
        there = list(table.columns)
    known = {column.lower() for column in there}
    for number, record in enumerate(table.records, start=1):
        for column in record:
            if column.lower() not in known:
                raise UsageError(
                    f"{place(table.name, number, column)}: the table has no such column",
                    hint=f"it has {', '.join(there)}",
                )
        columns, marks = ", ".join(map(quoted, record)), ", ".join("?" * len(record))
        values = f"({columns}) VALUES ({marks})" if record else "DEFAULT VALUES"
        statement = f"INSERT INTO {name} {values}"
        try:
            connection.execute(statement, [_stored(value) for value in record.values()])
        except (sqlite3.Error, UnicodeEncodeError) as error:
            raise UsageError(f"{place(table.name, number)}: {error}") from error


def quoted(name: str) -> str:
    """A name as SQL takes any: sqlite.org/lang_keywords.html."""
    return '"' + name.replace('"', '""') + '"'


def _stored(value: Value) -> str | int | float | None:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value
