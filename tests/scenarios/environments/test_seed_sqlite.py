"""`db_seed` into SQLite, as code in the workspace finds it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from practicum.errors import UsageError
from practicum.scenarios.environments.database import seed_database
from practicum.scenarios.schema import DatabaseSeed, Setup


def seed(folder: Path, **given: Any) -> str:
    return seed_database(DatabaseSeed(**given), root=folder, folder=folder, secrets=lambda name: None)


def rows(folder: Path, query: str, name: str = "data.db") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / name)) as connection:
        return connection.execute(query).fetchall()


def test_records_make_tables_with_the_columns_of_all_of_them(tmp_path: Path) -> None:
    users = [
        {"id": 1, "name": 'Ann "A"', "active": True, "score": 1, "tags": ["a"], "born": date(2000, 1, 2)},
        {"id": 2, "name": None, "score": 2.5},
        {"id": 3, "extra": "late"},
    ]
    assert seed(tmp_path, tables={"users": users}) == "data.db"
    assert rows(tmp_path, "SELECT * FROM users") == [
        (1, 'Ann "A"', 1, 1.0, '["a"]', "2000-01-02", None),
        (2, None, None, 2.5, None, None, None),
        (3, None, None, None, None, None, "late"),
    ]
    types = {row[1]: row[2] for row in rows(tmp_path, "PRAGMA table_info(users)")}
    assert types == {
        "id": "INTEGER",
        "name": "TEXT",
        "active": "BOOLEAN",
        "score": "REAL",
        "tags": "JSON",
        "born": "DATE",
        "extra": "TEXT",
    }


@pytest.mark.parametrize(
    "named", ["./made.sql", "made.sql", "CREATE TABLE made (id INTEGER PRIMARY KEY, n TEXT DEFAULT 'x');"]
)
def test_sql_is_a_file_or_statements_and_runs_before_the_records(tmp_path: Path, named: str) -> None:
    (tmp_path / "made.sql").write_text("CREATE TABLE made (id INTEGER PRIMARY KEY, n TEXT DEFAULT 'x');")
    seed(tmp_path, sql=named, tables={"made": [{"id": 7}, {}]}, name="other.db")
    assert rows(tmp_path, "SELECT * FROM made", "other.db") == [(7, "x"), (8, "x")]


def test_the_short_forms_mean_the_same(tmp_path: Path) -> None:
    short = Setup.model_validate({"db_seed": {"users": [{"id": 1}]}})
    assert short.db_seed == DatabaseSeed(tables={"users": [{"id": 1}]})
    assert Setup.model_validate({"db_seed": "./seed.sql"}).db_seed == DatabaseSeed(sql="./seed.sql")


def test_names_are_names_and_nothing_else(tmp_path: Path) -> None:
    seed(tmp_path, tables={'x"; DROP TABLE y; --': [{'a"b; c': 1, "select": 2}], "order": [{"from": 3}]})
    assert rows(tmp_path, 'SELECT "a""b; c", "select" FROM "x""; DROP TABLE y; --"') == [(1, 2)]
    assert rows(tmp_path, 'SELECT "from" FROM "order"') == [(3,)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tables": {"t": [{"a": 1}, {"a": 2**70}]}}, "tables.t, record 2, column 'a': "),
        ({"tables": {"t": [{"a": "x\0"}]}}, "tables.t, record 1, column 'a': text cannot hold the character NUL"),
        ({"tables": {"t": [{"": 1}]}}, "tables.t, record 1, column '': a name has"),
        ({"tables": {"t": []}}, "tables.t: a new table needs a record"),
        (
            {"sql": "CREATE TABLE t (a)", "tables": {"t": [{"b": 1}]}},
            "record 1, column 'b': the table has no such column",
        ),
        ({"sql": "CREATE TABLE t (a UNIQUE)", "tables": {"t": [{"a": 1}, {"a": 1}]}}, "tables.t, record 2: UNIQUE"),
        ({"sql": "CREATE TABL"}, 'setup.db_seed.sql: near "TABL"'),
        ({"sql": "./nothing.sql"}, "setup.db_seed.sql: "),
        ({"sql": "./../outside.sql"}, "outside the scenario's folder"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        seed(tmp_path, **given)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH DATABASE '{outside}' AS other; CREATE TABLE other.t (a)",
        "VACUUM INTO '{outside}'",
        "SELECT load_extension('{outside}')",
        "PRAGMA temp_store_directory = '{outside}'",
    ],
)
def test_statements_reach_no_other_file(tmp_path: Path, statement: str) -> None:
    inside = tmp_path / "workspace"
    inside.mkdir()
    outside = tmp_path / "outside.db"
    with pytest.raises(UsageError, match=r"db_seed\.sql"):
        seed(inside, sql=statement.format(outside=outside))
    assert not outside.exists()


def test_a_link_in_the_workspace_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "data.db").symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(UsageError, match="is a link"):
        seed(tmp_path, tables={"t": [{"a": 1}]})
    assert not (tmp_path / "elsewhere.db").exists()


def test_statements_without_an_end_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from practicum.scenarios.environments.database import sqlite

    monkeypatch.setattr(sqlite, "_LONGEST_S", 0.05)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(UsageError, match="interrupted"):
        seed(tmp_path, sql=endless)
