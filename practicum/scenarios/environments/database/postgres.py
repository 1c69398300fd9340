"""PostgreSQL: a server of the user's, by URL."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from practicum.errors import InfrastructureError, MissingExtraError, UsageError
from practicum.scenarios.environments.database.records import Kind, Table, Value, place

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Composed, Identifier

_CONNECT_S = 10
_STATEMENT_MS = 60_000
_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TYPES: dict[Kind, str] = {
    "integer": "bigint",
    "real": "double precision",
    "text": "text",
    "boolean": "boolean",
    "json": "jsonb",
    "date": "date",
    "time": "timestamptz",
}

Secrets = Callable[[str], str | None]


def seed_postgres(url: str, sql: str, tables: tuple[Table, ...], secrets: Secrets) -> None:
    """Run `sql`, fill the tables; all or nothing, in one transaction. Blocks.

    `${NAME}` in the URL becomes the secret of that name: as it is where it is the whole URL, else percent-encoded as a
    part of one. No secret stands in an error.

    Raises:
        MissingExtraError: psycopg is not installed.
        UsageError: the URL is none, or a statement or a record does not fit; the message names it.
        InfrastructureError: the server does not answer or does not let us in, or a secret is not known.
    """
    try:
        # Imported late: few scenarios have a server.
        import psycopg
    except ImportError as error:
        raise MissingExtraError("a PostgreSQL database", "postgres") from error
    address, hidden = _filled(url, secrets)
    try:
        with psycopg.connect(address, connect_timeout=_CONNECT_S) as connection:
            connection.execute("SELECT set_config('statement_timeout', %s, false)", [str(_STATEMENT_MS)])
            _run(connection, sql, hidden)
            for table in tables:
                _fill(connection, table, hidden)
    except psycopg.OperationalError as error:
        # "from None": what libpq was given stands in the error that it raises.
        raise InfrastructureError(
            f"setup.db_seed.url: the server cannot be used: {_clean(str(error), hidden)}",
            hint="check the URL and whether the server runs",
        ) from None
    except psycopg.Error as error:
        raise UsageError(f"setup.db_seed: {_told(error, hidden)}") from None


def _filled(url: str, secrets: Secrets) -> tuple[str, list[str]]:
    """The URL with its secrets, and everything that must not be shown."""
    hidden: list[str] = []

    def fill(match: re.Match[str]) -> str:
        value = secrets(match[1])
        if not value:
            raise InfrastructureError(
                f"setup.db_seed.url needs the secret {match[1]}, which is nowhere",
                hint=f"practicum secrets set {match[1]}, or --env-file with a line {match[1]}=...",
            )
        part = value if match[0] == url.strip() else quote(value, safe="")
        hidden.extend([value, part])
        return part

    address = _NAME.sub(fill, url.strip())
    if not address.startswith(("postgresql://", "postgres://")):
        raise UsageError(
            "setup.db_seed.url: is no URL of a PostgreSQL database", hint="postgresql://user:${DB_PASSWORD}@host/name"
        )
    authority = address.partition("://")[2].partition("/")[0]
    password = authority.rpartition("@")[0].partition(":")[2]
    return address, sorted({*hidden, *([password] if password else [])}, key=len, reverse=True)


def _run(connection: Connection[Any], sql: str, hidden: list[str]) -> None:
    import psycopg

    if not sql.strip():
        return
    try:
        connection.execute(sql.encode())  # as bytes: it is the user's whole script, and nothing is filled into it
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        raise UsageError(f"setup.db_seed.sql: {_told(error, hidden)}") from None


def _fill(connection: Connection[Any], table: Table, hidden: list[str]) -> None:
    import psycopg
    from psycopg import sql

    name = _identifier(table.name)
    there = _columns(connection, name)
    if not there:
        if not table.columns:
            raise UsageError(f"{place(table.name)}: a new table needs a record that names its columns")
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(_type(table, column, kind)))
            for column, kind in table.columns.items()
        ]
        try:
            connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name, sql.SQL(", ").join(columns)))
        except psycopg.Error as error:
            raise UsageError(f"{place(table.name)}: {_told(error, hidden)}") from None
        there = list(table.columns)
    for number, record in enumerate(table.records, start=1):
        for column in record:
            if column not in there:
                raise UsageError(
                    f"{place(table.name, number, column)}: the table has no such column",
                    hint=f"it has {', '.join(there)}",
                )
        try:
            connection.execute(_insert(name, record), [_stored(value) for value in record.values()])
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            raise UsageError(f"{place(table.name, number, error.diag.column_name)}: {_told(error, hidden)}") from None


def _identifier(name: str) -> Identifier:
    """`schema.table` or `table`, quoted."""
    from psycopg import sql

    schema, dot, table = name.partition(".")
    return sql.Identifier(schema, table) if dot and schema and table else sql.Identifier(name)


def _columns(connection: Connection[Any], name: Identifier) -> list[str]:
    """The columns of a table that is there; empty when it is not."""
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped "
        "ORDER BY attnum",
        [name.as_string(connection)],
    )
    return [str(row[0]) for row in found]


def _insert(name: Identifier, record: dict[str, Value]) -> Composed:
    from psycopg import sql

    if not record:
        return sql.SQL("INSERT INTO {} DEFAULT VALUES").format(name)
    columns = sql.SQL(", ").join(map(sql.Identifier, record))
    values = sql.SQL(", ").join(sql.Placeholder() * len(record))
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(name, columns, values)


def _type(table: Table, column: str, kind: Kind) -> str:
    if kind != "mixed":
        return _TYPES[kind]
    number, why = table.clashes[column]
    raise UsageError(
        f"{place(table.name, number, column)}: {why}",
        hint="a column of PostgreSQL has one type: write all as text, or make the table in `sql`",
    )


def _stored(value: Value) -> Any:
    """JSON is text here; PostgreSQL takes text of unknown type for what the column is. Naive times are UTC."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return f"{value.isoformat()}+00:00"
    return value


def _told(error: Any, hidden: list[str]) -> str:
    """What the server said, in one line."""
    parts = [error.diag.message_primary or str(error), error.diag.message_detail or ""]
    return _clean(": ".join(part for part in parts if part), hidden)


def _clean(text: str, hidden: list[str]) -> str:
    for secret in hidden:
        text = text.replace(secret, "***")
    return " ".join(text.split())
