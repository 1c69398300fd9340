"""Filling the database of a scenario, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from practicum.errors import UsageError
from practicum.scenarios.environments.database.records import read_tables
from practicum.scenarios.schema.environment import DatabaseSeed
from practicum.scenarios.schema.parts import text_of


def seed_database(seed: DatabaseSeed, *, root: Path, folder: Path, secrets: Callable[[str], str | None]) -> str:
    """Run the SQL, then fill the tables. Blocks.

    `root` is the workspace, in which SQLite's file is made; `folder` the scenario's. Returns what code may know as
    `DATABASE_URL`: a path relative to the workspace for SQLite, the URL for PostgreSQL where no secret stands in it,
    else nothing.

    Raises:
        UsageError: the seed does not fit; it names table, record and column.
        MissingExtraError: PostgreSQL, and psycopg is not installed.
        InfrastructureError: the server does not answer, or a secret of its URL is not known.
    """
    sql, tables = _sql(seed.sql, folder), read_tables(seed.tables)
    if seed.url:
        # Imported late: few scenarios have a server.
        from practicum.scenarios.environments.database.postgres import seed_postgres

        seed_postgres(seed.url, sql, tables, secrets)
        return seed.url if "${" not in seed.url else ""
    from practicum.scenarios.environments.database.sqlite import seed_sqlite

    seed_sqlite(root / seed.name, sql, tables)
    return seed.name


def _sql(value: str, folder: Path) -> str:
    """The statements; `seed.sql` alone is the file of that name, as `./seed.sql` is."""
    if value.endswith(".sql") and len(value.split()) == 1 and not value.startswith("./"):
        value = f"./{value}"
    try:
        return text_of(value, folder)
    except UsageError as error:
        raise UsageError(f"setup.db_seed.sql: {error.message}", hint=error.hint) from error
