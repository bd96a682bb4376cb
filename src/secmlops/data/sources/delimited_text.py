"""A table in one file of delimited text, wherever it lies: read a part at a time, in the same types in every part."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Final

import pyarrow as pa

from secmlops.core.errors import InputError
from secmlops.core.finding import Finding
from secmlops.data.formats.delimited import SAMPLE_BYTES, Layout, check_quotes, layout_of, texts_of
from secmlops.data.formats.inference import ColumnSeen, meanings_of, read_as
from secmlops.data.formats.lines import line_of_row
from secmlops.data.formats.text import PIECE_BYTES, Utf8Text
from secmlops.data.reading import guessed, mixed, refuse_foreign
from secmlops.data.sources.part import CHANGED, Part
from secmlops.data.sources.source import BATCH_ROWS

BLOCK_BYTES: Final = 8 * 2**20
"""Bytes of a part, and of the longest row."""


class DelimitedText:
    """The table called ``name`` in ``part``; ``size`` is that of the file.

    It is read once from end to end, so that types are told from all rows, as those of a table in memory are;
    ``notes`` are what was doubtful. Raises InputError, here or while reading, for what ``read_table`` refuses, and for
    a file that changes.
    """

    def __init__(self, name: str, part: Part) -> None:
        self.name: Final = name
        self.size: Final = part.size
        self._part = part
        self._doubts: tuple[Finding, ...] = ()
        self._layout = self._laid_out()
        rows, seen = 0, {column: ColumnSeen() for column in self._layout.columns}
        for batch in self._texts():
            rows += batch.num_rows
            for column, texts in zip(batch.schema.names, batch.columns, strict=True):
                seen[column].add(texts)
        self.rows: Final = rows
        known = {column: one.known for column, one in seen.items()}
        self._meanings = meanings_of(known, comma_decimals=self._layout.delimiter != ",")
        self.schema: Final = pa.schema([(column, meaning.kind) for column, meaning in self._meanings.items()])
        self.notes: Final = (*self._doubts, *self._told(seen))

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these columns; the others are passed over, and not converted."""
        names = self.schema.names if columns is None else list(columns)
        schema = pa.schema([self.schema.field(name) for name in names])
        for batch in self._texts(names):
            try:
                values = [read_as(self._meanings[name], batch.column(name)) for name in names]
            except pa.ArrowInvalid:
                raise InputError("it changed while it was read", where=self.name, hint=CHANGED) from None
            part = pa.record_batch(values, schema=schema)
            for start in range(0, part.num_rows, BATCH_ROWS):
                yield part.slice(start, BATCH_ROWS)

    def close(self) -> None:
        """Nothing stays open between two readings."""

    def _laid_out(self) -> Layout:
        with self._part.open() as stream:
            refuse_foreign(stream.read(16), self.name)
            stream.seek(0)
            beginning = b""
            for piece in Utf8Text(stream, self.name).pieces():
                beginning += piece
                if len(beginning) >= SAMPLE_BYTES:
                    break
            return layout_of(beginning[:SAMPLE_BYTES], self.name)

    def _texts(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows as texts; what is doubtful about their encoding is known in the end."""
        last, rows = None, 0
        with self._part.open() as stream:
            text = Utf8Text(stream, self.name)
            with closing(
                texts_of(_Pieces.file(text.pieces()), self._layout, self._place, columns, BLOCK_BYTES)
            ) as batches:
                for last in batches:
                    rows += last.num_rows
                    yield last
        self._part.check()
        self._doubts = text.notes
        if columns is None and last is not None:
            check_quotes(last, text.quotes, lambda: self._place(rows - 1))

    def _place(self, row: int) -> str:
        with self._part.open() as stream:
            return f"{self.name}, line {line_of_row(Utf8Text(stream, self.name).pieces(), row)}"

    def _told(self, seen: Mapping[str, ColumnSeen]) -> Iterator[Finding]:
        for column, meaning in self._meanings.items():
            if meaning.note:
                yield guessed(column, meaning.note, self.name)
            row = seen[column].mixed_row
            if row is not None and pa.types.is_string(meaning.kind):
                yield mixed(column, self._place(row))


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a raw stream; none is empty."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    @classmethod
    def file(cls, pieces: Iterator[bytes]) -> io.BufferedReader:
        """File that reads them."""
        return io.BufferedReader(cls(pieces), PIECE_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]  # narrower than Buffer
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        taken = self._rest[: len(buffer)]
        self._rest = self._rest[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)
