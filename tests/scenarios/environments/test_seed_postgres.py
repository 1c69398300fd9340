"""`db_seed` into a real PostgreSQL server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from postgres_server import Postgres, binaries, postgres_server

from practicum.errors import InfrastructureError, UsageError
from practicum.scenarios.environments.database import seed_database
from practicum.scenarios.schema import DatabaseSeed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.xdist_group("postgres")]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    if binaries() is None and os.environ.get("PRACTICUM_REQUIRE_ALL") != "1":
        pytest.skip("needs a PostgreSQL server: apt-get install -y postgresql")
    # Not below pytest's own folder, through which the server's user cannot walk.
    with tempfile.TemporaryDirectory(prefix="practicum-postgres-") as folder, postgres_server(Path(folder)) as started:
        yield started


def seed(server: Postgres, tmp_path: Path, **given: Any) -> str:
    given.setdefault("url", server.url)
    return seed_database(DatabaseSeed(**given), root=tmp_path, folder=tmp_path, secrets=server.secret)


def rows(server: Postgres, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(
        host="127.0.0.1", port=server.port, user="tester", password=server.password, dbname="postgres"
    ) as connection:
        return connection.execute(query.encode()).fetchall()


def test_records_make_tables_with_types_and_sql_runs_before_them(server: Postgres, tmp_path: Path) -> None:
    (tmp_path / "made.sql").write_text("CREATE TABLE made (id int PRIMARY KEY, note text DEFAULT 'none');\n")
    users = [
        {"id": 1, "name": 'Ann "A"; DROP TABLE x', "active": True, "score": 1, "tags": ["a"], "born": date(2000, 1, 2)},
        {"id": 2, "name": None, "score": 2.5, "seen": datetime(2026, 1, 2, 3, 4, 5)},
        {"id": 9_007_199_254_740_993},
    ]
    told = seed(
        server, tmp_path, sql="./made.sql", tables={"users": users, "made": [{"id": 7}, {"id": 8, "note": "x"}]}
    )
    assert told == ""  # a secret stands in it
    assert rows(server, "SELECT id, name, active, score, tags, born FROM users ORDER BY id") == [
        (1, 'Ann "A"; DROP TABLE x', True, 1.0, ["a"], date(2000, 1, 2)),
        (2, None, None, 2.5, None, None),
        (9_007_199_254_740_993, None, None, None, None, None),
    ]
    assert rows(server, "SELECT seen AT TIME ZONE 'UTC' FROM users WHERE id = 2") == [(datetime(2026, 1, 2, 3, 4, 5),)]
    assert rows(server, "SELECT * FROM made ORDER BY id") == [(7, "none"), (8, "x")]


def test_names_are_names_and_nothing_else(server: Postgres, tmp_path: Path) -> None:
    name, column = 'x"; DROP TABLE pg_class; --', 'a"b; c'
    seed(server, tmp_path, sql="CREATE SCHEMA other", tables={name: [{column: 1}], "other.select": [{"from": 2}]})
    assert rows(server, 'SELECT "a""b; c" FROM "x""; DROP TABLE pg_class; --"') == [(1,)]
    assert rows(server, 'SELECT "from" FROM other."select"') == [(2,)]


@pytest.mark.parametrize(
    ("tables", "sql", "said"),
    [
        ({"t1": [{"id": 1}, {"id": 1}]}, "CREATE TABLE t1 (id int UNIQUE)", "tables.t1, record 2: duplicate key"),
        ({"t1": [{"id": 1}, {}]}, "CREATE TABLE t1 (id int NOT NULL)", "tables.t1, record 2, column 'id': null"),
        ({"t1": [{"id": 1, "no": 2}]}, "CREATE TABLE t1 (id int)", "record 1, column 'no': the table has no such"),
        ({"t1": [{"id": "a"}]}, "CREATE TABLE t1 (id int)", "tables.t1, record 1: invalid input syntax"),
        ({"t1": [{"id": 1}, {"id": [2]}]}, "", "record 2, column 'id': json where the records before it have integer"),
        ({"t1": []}, "", "tables.t1: a new table needs a record"),
        ({}, "CREATE TABLE t1 (id int); SELEC 1", "setup.db_seed.sql: syntax error"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_and_nothing_of_it_stays(
    server: Postgres, tmp_path: Path, tables: dict[str, Any], sql: str, said: str
) -> None:
    with pytest.raises(UsageError) as raised:
        seed(server, tmp_path, tables=tables, sql=sql)
    assert said in str(raised.value)
    assert rows(server, "SELECT to_regclass('t1')") == [(None,)]


def test_no_secret_stands_in_an_error(server: Postgres, tmp_path: Path) -> None:
    wrong = "s3cr:t/w@rong"
    for url in (server.url, f"postgresql://tester:plain-w0rd@127.0.0.1:{server.port}/postgres", "${DB_PASSWORD}"):
        with pytest.raises((InfrastructureError, UsageError)) as raised:
            seed_database(
                DatabaseSeed(url=url, sql="SELECT 1"), root=tmp_path, folder=tmp_path, secrets=lambda name: wrong
            )
        shown = f"{raised.value} {raised.value.__cause__} {raised.value.__suppress_context__}"
        for secret in (wrong, "s3cr%3At%2Fw%40rong", "plain-w0rd"):
            assert secret not in shown
        assert raised.value.__cause__ is None
    sql = f"DO $$ BEGIN RAISE EXCEPTION USING MESSAGE = 'it is {server.password}'; END $$"
    with pytest.raises(UsageError) as told:
        seed(server, tmp_path, sql=sql)
    assert "it is ***" in str(told.value)


def test_a_whole_url_may_be_a_secret(server: Postgres, tmp_path: Path) -> None:
    from urllib.parse import quote

    whole = f"postgresql://tester:{quote(server.password, safe='')}@127.0.0.1:{server.port}/postgres"
    told = seed_database(
        DatabaseSeed(url="${DATABASE}", tables={"whole": [{"a": 1}]}),
        root=tmp_path,
        folder=tmp_path,
        secrets={"DATABASE": whole}.get,
    )
    assert told == ""
    assert rows(server, "SELECT a FROM whole") == [(1,)]


def test_a_secret_or_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    given = {"root": tmp_path, "folder": tmp_path, "secrets": lambda name: None}
    with pytest.raises(InfrastructureError, match="needs the secret DB_PASSWORD"):
        seed_database(DatabaseSeed(url="postgresql://a:${DB_PASSWORD}@127.0.0.1/x", sql="SELECT 1"), **given)
    with pytest.raises(InfrastructureError, match="the server cannot be used"):
        seed_database(DatabaseSeed(url="postgresql://127.0.0.1:9/x", sql="SELECT 1"), **given)
    with pytest.raises(UsageError, match="is no URL"):
        seed_database(DatabaseSeed(url="mysql://127.0.0.1/x", sql="SELECT 1"), **given)
