"""A table of a real PostgreSQL comes as it was at one moment; nothing is written, and no word of the server is told."""

from datetime import date, datetime

import adbc_driver_postgresql.dbapi as postgresql
import pytest

from kits.postgresql_here import PASSWORD, url
from secmlops.core.errors import InputError
from secmlops.data.sources.postgresql import PostgresqlSource
from secmlops.data.sources.postgresql_url import PostgresqlUrl


def opened(socket: str, query: str | None = None, rest: str = "", user: str = "postgres") -> PostgresqlSource:
    return PostgresqlSource(PostgresqlUrl.parse(url(socket, rest, user), query))


def drawn(source: PostgresqlSource, columns: list[str] | None = None) -> list[dict[str, object]]:
    try:
        return [row for batch in source.batches(columns) for row in batch.to_pylist()]
    finally:
        source.close()


def test_every_type_that_is_taken_is_plain(socket: str) -> None:
    source = opened(socket, rest="table=public.people")
    assert {field.name: str(field.type) for field in source.schema} == {
        "id": "int64",
        "amount": "double",
        "name": "string",
        "day": "date32[day]",
        "even": "bool",
        "moment": "timestamp[us]",
        "nothing": "string",
        "one": "string",
        "small": "double",
    }
    assert (source.rows, source.size) == (None, None)
    first = drawn(source)[0]
    assert first == {
        "id": 1,
        "amount": 1.5,
        "name": "p1",
        "day": date(2020, 1, 2),
        "even": False,
        "moment": datetime(2026, 1, 1, 10),  # noqa: DTZ001  # in UTC, as all moments of plain tables
        "nothing": None,
        "one": "00000000-0000-0000-0000-000000000001",
        "small": 0.5,
    }


def test_a_query_is_read_and_columns_of_it_alone(socket: str) -> None:
    source = opened(socket, 'SELECT id, name AS "a ""b" FROM people ORDER BY id DESC -- last first')
    assert drawn(source, ['a "b'])[0] == {'a "b': "p500"}


def test_all_rows_are_of_the_moment_when_it_was_opened(socket: str) -> None:
    source = opened(socket, rest="table=people")
    with postgresql.connect(url(socket, "")) as other, other.cursor() as cursor:
        cursor.execute("INSERT INTO people (id) VALUES (1000)")
        other.commit()
        try:
            assert len(next(iter(source.batches()))) == 500
            assert sum(batch.num_rows for batch in source.batches()) == 500
        finally:
            source.close()
            cursor.execute("DELETE FROM people WHERE id = 1000")
            other.commit()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("DELETE FROM people RETURNING id", "not SQL"),
        ("SELECT 1; SELECT 2", "not SQL"),
        ("SELECT 1 AS a) AS x; DROP TABLE people; --", "not SQL"),
        ("COPY people TO '/tmp/x'", "not SQL"),
        ("SELECT nextval('pg_catalog.none')", "no such table"),
        ("SELECT lo_create(0)", "the query writes"),
        ("SELECT nme FROM people", "no such column"),
        ("SELECT * FROM none", "no such table"),
        ("SELECT name::int FROM people", r"refused it \(22P02|refused it \(OSError"),
        ("SELECT id, id FROM people", "columns with the same name"),
        ("SELECT * FROM odd", "a column of type list"),
        ("SELECT '{}'::jsonb AS j", "a column of type"),
        ("SELECT interval '1 day' AS j", "a column of type"),
    ],
)
def test_what_is_no_table_is_refused_and_nothing_of_it_told(socket: str, query: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        drawn(opened(socket, query))
    assert "p1" not in str(refused.value)
    assert "people" not in str(refused.value)


def test_rights_and_passwords_are_those_of_the_server(socket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="user or password is wrong"):
        opened(socket, rest="table=people", user="locked")
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    with pytest.raises(InputError, match="user or password is wrong") as refused:
        opened(socket, rest="table=people", user="locked")
    assert "hunter2" not in str(refused.value)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert len(drawn(opened(socket, rest="table=people", user="locked"))) == 500
    with pytest.raises(InputError, match="the user may not read this"):
        opened(socket, rest="table=secret", user="locked")


def test_a_variable_brings_the_whole_connection_string(socket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDING", url(socket, f"password={PASSWORD.replace(' ', '%20')}", "locked"))
    named = PostgresqlUrl.parse("postgresql:///?dsn_env=LENDING&table=people")
    source = PostgresqlSource(named)
    assert source.name == "postgresql $LENDING table people"
    assert len(drawn(source)) == 500


def test_a_server_that_is_not_there_is_told(socket: str) -> None:
    with pytest.raises(InputError, match="the connection was refused"):
        PostgresqlSource(PostgresqlUrl.parse("postgresql://127.0.0.1:1/d?table=t"))
    with pytest.raises(InputError, match="no such database"):
        PostgresqlSource(PostgresqlUrl.parse(url(socket, "table=t").replace("/postgres?", "/none?")))


def test_a_query_may_not_take_for_ever(socket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = opened(socket, "SELECT id, pg_sleep(id)::text AS nap FROM people")
    with source._connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
    with pytest.raises(InputError, match="the query took longer"):
        drawn(source)
