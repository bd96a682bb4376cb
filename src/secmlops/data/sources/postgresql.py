"""A table or a query of PostgreSQL, streamed out of one read-only snapshot."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import adbc_driver_postgresql.dbapi as postgresql
import pyarrow as pa
from adbc_driver_manager import Error

from secmlops.core.errors import InputError
from secmlops.data.formats.plain import plain_schema
from secmlops.data.sources.one_schema import plain_batch
from secmlops.data.sources.postgresql_url import PostgresqlUrl
from secmlops.data.sources.source import BATCH_ROWS

STATEMENT_TIMEOUT: Final = "30min"
LOCK_TIMEOUT: Final = "10s"
_SNAPSHOT: Final = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'",
    f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'",
    "SET LOCAL synchronize_seqscans = off",  # else a large table is read from wherever another reader is
    "SET LOCAL max_parallel_workers_per_gather = 0",
)
_CAST: Final = {"numeric": "double precision", "money": "numeric::double precision", "uuid": "text", "bpchar": "text"}
"""Types that the server turns into ones that a table here can have."""

_STATES: Final = {
    "25006": ("the query writes, and the source is read only", "read, and write nothing"),
    "28P01": ("user or password is wrong", "see PGUSER and PGPASSWORD, or the variable that dsn_env names"),
    "3D000": ("there is no such database", "see its name"),
    "42501": ("the user may not read this", "ask for the right to select from it, and for no more"),
    "42601": ("the query is not SQL that the server understands", "try it with psql; one query, without a semicolon"),
    "42703": ("there is no such column", "try the query with psql"),
    "42P01": ("there is no such table", "see its name and schema"),
    "55P03": (f"the table was locked for {LOCK_TIMEOUT}", "try again later"),
    "57014": (f"the query took longer than {STATEMENT_TIMEOUT}", "read less, or from a view with an index"),
}
_PHRASES: Final = {
    "password authentication failed": _STATES["28P01"],
    "no password supplied": _STATES["28P01"],
    "Connection refused": ("the connection was refused", "see host and port, and whether the server runs"),
    "timeout expired": ("the server does not answer", "see host, port and network"),
    "could not translate host name": ("there is no such host", "see its name"),
    "no pg_hba.conf entry": ("the server lets this user in from nowhere here", "ask who administers it"),
    "does not exist": ("there is no such database or user", "see their names"),
    "SSL": ("no encrypted connection could be made", "see sslmode and sslrootcert"),
    "read-only transaction": _STATES["25006"],
    "statement timeout": _STATES["57014"],
    "lock timeout": _STATES["55P03"],
    "No such file or directory": ("there is no server on this socket", "see the host"),
}


class PostgresqlSource:
    """The rows that ``url`` names, all from the moment it was opened: a transaction that is open until ``close``.

    The order of rows is the server's unless the query says one. Raises InputError, here or while reading: nothing in
    it is of the server's own words, as these may quote data or the query.
    """

    def __init__(self, url: PostgresqlUrl) -> None:
        self.name: Final = url.name
        self.rows: Final = None
        self.size: Final = None
        with self._telling():
            self._connection = postgresql.connect(url.connection(), autocommit=False)
        try:
            with self._telling():
                for statement in _SNAPSHOT:
                    self._run(statement)
                found = self._found(url.select)
                self._select = _casting(found, url.select)
                self.schema: Final = plain_schema(self._found(self._select), self.name)
        except BaseException:
            self.close()
            raise

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these columns; the server sends them as they are drawn (COPY TO STDOUT)."""
        names = self.schema.names if columns is None else list(columns)
        schema = pa.schema([self.schema.field(name) for name in names])
        listed = ", ".join(_quoted(name) for name in names)
        with self._telling(), self._connection.cursor() as cursor:
            cursor.execute(f"SELECT {listed} FROM ({self._select}\n) AS source")  # noqa: S608  # read only, wrapped
            for batch in cursor.fetch_record_batch():
                for start in range(0, batch.num_rows, BATCH_ROWS):
                    yield plain_batch(batch.slice(start, BATCH_ROWS), schema, self.name)

    def close(self) -> None:
        """End the transaction and the connection."""
        self._connection.close()

    def _run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def _found(self, select: str) -> pa.Schema:
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({select}\n) AS source LIMIT 0")  # noqa: S608  # read only, wrapped
            found: pa.Schema = cursor.fetch_record_batch().schema
            return found

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (Error, OSError, pa.ArrowException) as error:
            state = getattr(error, "sqlstate", None)
            known = _STATES.get(str(state)) or next((told for p, told in _PHRASES.items() if p in str(error)), None)
            what, hint = known or (f"the server refused it ({state or type(error).__name__})", "try it with psql")
            raise InputError(what, where=self.name, hint=hint) from None


def _casting(found: pa.Schema, select: str) -> str:
    """Query with casts for the columns whose type has a near one here; raises InputError for columns without."""
    if len(set(found.names)) != len(found.names):
        raise InputError("columns with the same name", where="postgresql", hint="name them apart: AS")
    listed = []
    for field in found:
        kind = _kind(field)
        cast = f"::{_CAST[kind]}" if kind in _CAST else ""
        listed.append(f"{_quoted(field.name)}{cast} AS {_quoted(field.name)}")
    return f"SELECT {', '.join(listed)} FROM ({select}\n) AS source"  # noqa: S608  # names are quoted


def _kind(field: "pa.Field[Any]") -> str:
    return (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
