"""PostgreSQL: a server of the user's, by URL."""

from __future__ import annotations

from collections.abc import Callable

from practicum.errors import MissingExtraError
from practicum.scenarios.environments.database.records import Table


def seed_postgres(url: str, sql: str, tables: tuple[Table, ...], secrets: Callable[[str], str | None]) -> None:
    """Run `sql` and fill the tables."""
    raise MissingExtraError("a PostgreSQL database", "postgres")
