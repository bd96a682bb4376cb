"""Rows set down on the disk while they are needed, under a key that no other process has: gone as soon as it ends."""

import io
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import pyarrow as pa

from secmlops.core.errors import InputError
from secmlops.data.columns.grouping import regrouped
from secmlops.data.columns.sealed_file import GROUP_ROWS, SealedFile, write_sealed
from secmlops.data.sources.random_access import RandomAccess
from secmlops.data.sources.source import BATCH_ROWS


class Spool:
    """The rows of ``batches``, called ``name``, in an encrypted file without a name in ``folder``: itself a source.

    It is read by several threads at once, each at its own place. Raises InputError when the disk is full.
    """

    def __init__(self, name: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema, folder: Path) -> None:
        self.name: Final = name
        self.schema: Final = schema
        self.size: Final = None
        self._key, self._prefix = secrets.token_bytes(32), secrets.token_bytes(32)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file: BinaryIO = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed by ``close``
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(folder)) from None
        try:
            groups = regrouped(batches, schema, GROUP_ROWS)
            self.rows: Final = write_sealed(groups, schema, self._file, self._key, self._prefix)
            self._file.flush()
        except OSError as error:
            self.close()
            hint = "free some space: a protected table is set down once before it is stored"
            raise InputError(f"cannot be written: {error.strerror}", where=str(folder), hint=hint) from None
        except BaseException:
            self.close()
            raise

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these columns."""
        names = self.schema.names if columns is None else list(columns)
        stream = io.BufferedReader(_Place(self._file.fileno()))
        with closing(SealedFile(stream, self._key, self._prefix, self.name)) as file:
            for number in range(file.groups):
                yield from file.group(number, names).select(names).to_batches(max_chunksize=BATCH_ROWS)

    def close(self) -> None:
        """Let go of the file: nothing is left of it."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


class _Place(RandomAccess):
    """An open file, read from a place of one's own."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(os.fstat(descriptor).st_size)
        self._descriptor = descriptor

    def read_at(self, start: int, end: int) -> bytes:
        return os.pread(self._descriptor, end - start, start)
