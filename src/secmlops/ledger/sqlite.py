"""Ledger rows in one SQLite file: write-ahead log, every commit on disk before it returns, any number of processes."""

import os
import sqlite3
import threading
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from secmlops.core.errors import InputError, SecmlopsError, VerificationError
from secmlops.ledger.entry import Record
from secmlops.ledger.merkle import HASH_SIZE
from secmlops.ledger.storage import Batch, Reader, Storage, Writer

FORMAT = 1
WAIT_S = 10.0
_SCHEMA = (
    "CREATE TABLE entries (idx INTEGER PRIMARY KEY, kind TEXT NOT NULL, data BLOB NOT NULL, tag TEXT) STRICT",
    "CREATE TABLE hashes (position INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT",
    "CREATE TABLE checkpoint (id INTEGER PRIMARY KEY CHECK (id = 0), note BLOB NOT NULL) STRICT",
    "CREATE INDEX entries_by_tag ON entries (tag) WHERE tag IS NOT NULL",
)
_SIZES = tuple(2**power for power in range(8, -1, -1))
"""Rows that one statement inserts: a statement stays in memory with the rows it had last, so they must be few."""
# One statement for any number of 32-byte hashes that lie end to end in one blob.
_INSERT_HASHES = """
    WITH RECURSIVE place (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE (n + 2) * 32 <= length(:hashes))
    INSERT INTO hashes SELECT :first + n, substr(:hashes, n * 32 + 1, 32) FROM place
"""
_INSERT = "INSERT INTO entries VALUES "
_INSERT_ENTRIES = {size: _INSERT + ", ".join(["(?, ?, ?, ?)"] * size) for size in _SIZES}
_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)

_Diagnosis: TypeAlias = tuple[type[InputError] | type[VerificationError], str, str]
_BUSY: _Diagnosis = (InputError, "another writer holds the ledger for too long", "try again later")
_CLOSED: _Diagnosis = (InputError, "the ledger was closed", "open it again")
_GONE: _Diagnosis = (InputError, "the file was taken away or replaced", "put it back, and start the program again")
_DAMAGED: _Diagnosis = (VerificationError, "the database is damaged or not a ledger", "restore it from a copy")
_READ_ONLY: _Diagnosis = (InputError, "the ledger is read-only", "check who owns the file and its folder")
_DIAGNOSES: Mapping[int, _Diagnosis] = MappingProxyType(
    {
        sqlite3.SQLITE_BUSY: _BUSY,
        sqlite3.SQLITE_LOCKED: _BUSY,
        sqlite3.SQLITE_PROTOCOL: _BUSY,
        sqlite3.SQLITE_READONLY: _READ_ONLY,
        sqlite3.SQLITE_PERM: _READ_ONLY,
        sqlite3.SQLITE_FULL: (InputError, "the disk is full: nothing of this batch was recorded", "make room"),
        sqlite3.SQLITE_IOERR: (InputError, "the disk refuses: nothing of this batch was recorded", "check the disk"),
        sqlite3.SQLITE_CANTOPEN: (InputError, "the ledger cannot be opened", "it must be there, its folder writable"),
        sqlite3.SQLITE_CONSTRAINT: (
            VerificationError,
            "the ledger holds rows never signed",
            "run secmlops audit verify",
        ),
    }
)


class _Rows:
    """Reader and writer over one connection that is in a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def head(self) -> bytes | None:
        """See Reader."""
        row = self._connection.execute("SELECT note FROM checkpoint WHERE id = 0").fetchone()
        return _blob(row[0], "the checkpoint") if row else None

    def entries(self, start: int, limit: int) -> list[Record]:
        """See Reader."""
        query = "SELECT idx, kind, data FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?"
        return self._records(query, (start, limit))

    def tagged(self, tag: str) -> list[Record]:
        """See Reader."""
        return self._records("SELECT idx, kind, data FROM entries WHERE tag = ? ORDER BY idx", (tag,))

    def hash(self, position: int) -> bytes:
        """See Reader."""
        row = self._connection.execute("SELECT hash FROM hashes WHERE position = ?", (position,)).fetchone()
        return _hash(row[0] if row else None, position)

    def hashes(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """See Reader."""
        query = "SELECT position, hash FROM hashes WHERE position >= ? ORDER BY position LIMIT ?"
        rows = self._connection.execute(query, (start, limit)).fetchall()
        return [(position, _hash(value, position)) for position, value in rows]

    def add(self, batch: Batch) -> None:
        """See Writer."""
        # Few large statements: the interpreter lock changes hands once for each row that a statement steps over.
        rows = [value for i, e in enumerate(batch.entries, batch.first) for value in (i, e.kind, e.data, e.tag)]
        start = 0
        for size in _SIZES:
            while start + size * 4 <= len(rows):
                self._connection.execute(_INSERT_ENTRIES[size], rows[start : start + size * 4])
                start += size * 4
        if batch.hashes:
            values = {"first": batch.first_hash, "hashes": b"".join(batch.hashes)}
            self._connection.execute(_INSERT_HASHES, values)
        self._connection.execute("INSERT OR REPLACE INTO checkpoint VALUES (0, ?)", (batch.note,))

    def _records(self, query: str, values: tuple[object, ...]) -> list[Record]:
        rows = self._connection.execute(query, values).fetchall()
        return [Record(index, _text(kind, index), _blob(data, f"entry {index}")) for index, kind, data in rows]


class SqliteStorage(Storage):
    """The rows of one ledger in the file ``path``, which is made, readable by its owner only, when it is missing.

    ``wait_s`` bounds how long a writer waits for its turn, in seconds. With ``read_only`` nothing is made or written.
    Raises InputError when the file cannot be used, VerificationError when it is not a ledger or is damaged.
    """

    def __init__(self, path: Path, *, read_only: bool = False, wait_s: float = WAIT_S) -> None:
        self._path = path.absolute()
        self._read_only = read_only
        self._wait_s = wait_s
        self._turn = threading.Lock()
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False
        if not read_only:
            self._make()
        self._writer = self._connect()
        self._file = _which(self._path)
        self._end = weakref.finalize(self, _end, self._writer, self._idle)
        self._end.atexit = False  # a thread may be writing to the last

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """See Storage."""
        self._check_place()
        with _told(self._path):
            connection = self._borrow()
            try:
                connection.execute("BEGIN")
                yield _Rows(connection)
            finally:
                self._give_back(connection)

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """See Storage."""
        if not self._turn.acquire(timeout=self._wait_s):
            raise _error(_BUSY, self._path)
        try:
            with _told(self._path):
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    self._check_place()
                    yield _Rows(self._writer)
                    self._writer.execute("COMMIT")
                    self._check_place()  # what is in a file that nobody will find again is not on record
                finally:
                    self._writer.rollback()
        finally:
            self._turn.release()

    def close(self) -> None:
        """See Storage."""
        self._closed = True
        with self._turn:
            self._end()

    def _check_place(self) -> None:
        """Raise InputError when the path no longer leads to the file that is open: SQLite would write on unseen."""
        if _which(self._path) != self._file:
            raise _error(_GONE, self._path)

    def _borrow(self) -> sqlite3.Connection:
        if self._closed:
            raise _error(_CLOSED, self._path)
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        connection.rollback()
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def _make(self) -> None:
        """Lay out the file where that is not yet done; several processes may try at once."""
        try:
            # Only a file that nobody can have open yet: closing any handle of a file takes the locks of the whole
            # process from it (fcntl, POSIX), and then another process takes the write-ahead log for nobody's.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            pass
        except OSError as error:
            raise InputError(
                f"the ledger cannot be opened for writing: {error.strerror}",
                where=str(self._path),
                hint="the folder must exist and be writable",
            ) from None
        with _told(self._path), closing(self._open()) as connection:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
                raise InputError(
                    "this file system cannot keep a ledger", where=str(self._path), hint="use a local disk"
                )
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("PRAGMA user_version").fetchone() == (0,):
                for statement in _SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        mode = "ro" if self._read_only else "rw"
        uri = f"{self._path.as_uri()}?mode={mode}"
        # A connection is used by one thread at a time: readers are lent out, the writer is held under its lock.
        connection = sqlite3.connect(uri, uri=True, timeout=self._wait_s, isolation_level=None, check_same_thread=False)
        try:
            for setting in _SETTINGS:
                connection.execute(setting)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _connect(self) -> sqlite3.Connection:
        with _told(self._path):
            connection = self._open()
            try:
                self._check_layout(connection)
            except (sqlite3.Error, SecmlopsError):
                connection.close()
                raise
            return connection

    def _check_layout(self, connection: sqlite3.Connection) -> None:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > FORMAT:
            raise InputError(
                f"the ledger has format {found}, this program knows {FORMAT}",
                where=str(self._path),
                hint="install a newer version",
            )
        # Anything more than our own tables, a trigger above all, could change rows behind the ledger's back.
        statements = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_schema")}
        if statements != set(_SCHEMA):
            raise VerificationError(
                "the database is not a ledger, or its tables, indexes or triggers were changed", where=str(self._path)
            )


def _end(writer: sqlite3.Connection, idle: deque[sqlite3.Connection]) -> None:
    """Close what a storage had open: when it is closed, or nobody has it any more."""
    writer.close()
    while idle:
        idle.pop().close()


def _which(path: Path) -> tuple[int, int] | None:
    """Device and inode of the file; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Tell an error of SQLite in the project's terms; its own wording may quote rows and is left out."""
    try:
        yield
    except sqlite3.Error as error:
        raise _diagnosis(error, path) from None


def _diagnosis(error: sqlite3.Error, path: Path) -> SecmlopsError:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None and isinstance(error, sqlite3.ProgrammingError):
        return _error(_CLOSED, path)
    return _error(_DIAGNOSES.get((code or 0) & 0xFF, _DAMAGED), path)


def _error(diagnosis: _Diagnosis, path: Path) -> SecmlopsError:
    kind, what, hint = diagnosis
    return kind(what, where=str(path), hint=hint)


def _blob(value: object, what: str) -> bytes:
    if not isinstance(value, bytes):
        raise VerificationError(f"{what} in the ledger is not bytes")
    return value


def _text(value: object, index: int) -> str:
    if not isinstance(value, str):
        raise VerificationError(f"the kind of entry {index} in the ledger is not text")
    return value


def _hash(value: object, position: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != HASH_SIZE:
        raise VerificationError(f"tree hash {position} of the ledger is missing or malformed")
    return value
