"""A URL says where and what, and holds no secret; what is told of it holds no user and no query."""

import pytest

from secmlops.core.errors import InputError
from secmlops.data.sources.postgresql_url import PostgresqlUrl

DB = "postgresql://anna@db.example.org:5433/lending"


def test_a_table_is_named() -> None:
    url = PostgresqlUrl.parse(f"{DB}?sslmode=require&table=public.loans")
    assert (url.select, url.name) == ("TABLE public.loans", "postgresql db.example.org:5433/lending table public.loans")
    assert url.connection({}) == f"{DB}?sslmode=require"


def test_a_query_is_told_by_its_digest() -> None:
    url = PostgresqlUrl.parse(DB, "SELECT secret FROM t")
    assert url.select == "SELECT secret FROM t"
    assert "secret" not in url.name
    assert "anna" not in url.name
    assert url.name != PostgresqlUrl.parse(DB, "SELECT 1").name


def test_a_variable_that_is_not_set_is_named() -> None:
    url = PostgresqlUrl.parse("postgres:///?dsn_env=LENDING&table=t")
    assert url.connection({"LENDING": "host=x"}) == "host=x"
    with pytest.raises(InputError, match="the variable LENDING is not set"):
        url.connection({})


def test_the_path_of_a_socket_is_not_told() -> None:
    assert PostgresqlUrl.parse("postgresql:///d?host=/run/pg&table=t").name == "postgresql localhost/d table t"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://u:hunter2@h/d?table=t", "a password in the URL"),
        ("postgresql://h/d?table=t&password=hunter2", "a password in the URL"),
        ("postgresql://h/d?table=t&options=-c%20x=y", "unknown in the URL of a source: 'options'"),
        ("postgresql://h/d", "exactly one of table and query"),
        ("postgresql://h/d?table=a;b", "the name of the table is none"),
        ("postgresql://h/d?table=a.b.c", "the name of the table is none"),
        ("postgresql://h/d?table=t&dsn_env=A=B", "dsn_env names no variable"),
    ],
)
def test_what_cannot_be_is_refused_and_not_quoted(url: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        PostgresqlUrl.parse(url)
    assert "hunter2" not in str(refused.value)


def test_a_table_and_a_query_are_one_too_many() -> None:
    with pytest.raises(InputError, match="exactly one"):
        PostgresqlUrl.parse(f"{DB}?table=t", "SELECT 1")
