"""The store of columns: data sets under their digests, each column a sealed file under a data key of its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TypeAlias

import pyarrow as pa
from pyarrow.dataset import Dataset

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.data.columns.files import SealedFiles
from secmlops.data.columns.grouping import regrouped
from secmlops.data.columns.index import SCHEMA, Index
from secmlops.data.columns.place import INDEX, Place
from secmlops.data.columns.sealed_file import GROUP_ROWS
from secmlops.data.columns.side_by_side import WORKERS, SideBySide
from secmlops.data.sources.source import TableSource
from secmlops.vault.data_key import DataKey, KeyWrapper
from secmlops.vault.local import LocalObjectStore

Source: TypeAlias = "pa.Table | Dataset | TableSource"
"""A table in memory, or one that is larger: read once for each column, in the same order each time.

A database gives no such order: what is read from there is taken down in files first.
"""


@dataclass(frozen=True, slots=True)
class ColumnKey:
    """What another program needs to read one column: name of its file in the store, AES-256 key, AAD prefix."""

    file: str
    key: bytes = field(repr=False)
    prefix: bytes


def _always() -> None:
    """Nothing stops the stream."""


class ColumnStore:
    """Data sets encrypted by column.

    The records of the data keys lie in the same store as the vault's, wrapped by the same key provider:
    ``Vault.rewrap`` reaches them, and whoever has the files alone has nothing. A key is unwrapped when its column is
    asked for and at no other time. Destroying one small record destroys its column in every copy; the other columns
    stay readable.

    A data set is there when its index is, which is written last; what a crash leaves behind is taken up by the next
    ``put``. What stays visible to whoever reads the stores: digests of data sets, sizes, and how many columns there
    are in all.
    """

    def __init__(self, files: SealedFiles) -> None:
        self._files = files

    @classmethod
    def local(cls, folder: Path, wrapper: KeyWrapper, project: str) -> Self:
        """A store in the folder of a local vault, beside its objects."""
        stores = LocalObjectStore(folder / "objects"), LocalObjectStore(folder / "keys")
        return cls(SealedFiles(*stores, wrapper, project))

    def put(self, dataset: Digest, source: Source) -> None:
        """Store the columns of ``source`` under the digest of the bytes that it was read from.

        What is there and sound stays; what is damaged, missing or was destroyed is written. Raises InputError when the
        source has no columns, changes meanwhile, or the stores cannot be written.
        """
        names = Index.of(source.schema, 0).names
        place = Place.of_index(dataset)
        key = self._files.claimed(place)
        with ThreadPoolExecutor(WORKERS) as workers:
            counts = set(workers.map(lambda name: self._put_column(Place.of_column(dataset, name, key), source), names))
        if len(counts) != 1:
            raise InputError("the source changed while it was read", where=str(dataset), hint="put it again")
        index = Index.of(source.schema, counts.pop())
        self._files.write(place, key, SCHEMA, lambda: [index.to_table()])

    def has(self, dataset: Digest) -> bool:
        """Whether the data set and the keys of all its columns are there; no column is read."""
        return self._files.has(Place.of_index(dataset)) and all(self.columns(dataset).values())

    def columns(self, dataset: Digest) -> dict[str, bool]:
        """Names of the columns in their order, each with whether it is there; False: it was destroyed.

        Raises InputError when there is no such data set, VerificationError when its index is not what was stored.
        """
        opened = self._index(dataset)
        return {name: self._files.has(opened.place(name)) for name in opened.index.names}

    def rows(self, dataset: Digest) -> int:
        """Number of rows of the data set; raises what ``columns`` raises."""
        return self._index(dataset).index.rows

    def stream(
        self, dataset: Digest, columns: Sequence[str], check: Callable[[], None] = _always
    ) -> Iterator[pa.Table]:
        """Yield the rows of these columns, 131,072 at a time; no other column's key is asked for.

        ``check`` is called before each part is read, and stops the stream by raising. Raises InputError for a column
        that is not there or was destroyed, VerificationError when a file or a key is not what was stored.
        """
        opened = self._index(dataset)
        places = [opened.place(name) for name in columns]
        with SideBySide(self._files, places, opened.index.rows) as files:
            for number in range(files.groups):
                check()
                yield pa.table(dict(zip(columns, files.part(number), strict=True)))

    def read(self, dataset: Digest, columns: Sequence[str] | None = None) -> pa.Table:
        """Table of these columns, of all by default; raises what ``stream`` raises."""
        wanted = self._index(dataset).index.names if columns is None else columns
        return pa.concat_tables(self.stream(dataset, wanted))

    def key(self, dataset: Digest, column: str) -> ColumnKey:
        """Return the key of a column, for another program that is to read its file; raises what ``stream`` raises."""
        place = self._index(dataset).place(column)
        key = self._files.key(place)
        return ColumnKey(place.address.name, key.key, self._files.prefix(place, key))

    def destroy_column(self, dataset: Digest, column: str) -> bool:
        """Destroy a column's key, which makes every copy of it unreadable, then its file; False if neither is there.

        As for the vault, a copy of the wrapped key is dead only with the key-encryption key that wraps it. The name of
        the column stays in the index. Raises what ``columns`` raises.
        """
        return self._files.destroy(self._index(dataset).place(column))

    def destroy(self, dataset: Digest) -> bool:
        """Destroy all columns, then the index; False if there is no such data set. Raises what ``columns`` raises."""
        place = Place.of_index(dataset)
        if not self._files.has(place):
            return self._files.destroy(place)
        opened = self._index(dataset)
        for name in opened.index.names:
            self._files.destroy(opened.place(name))
        return self._files.destroy(place)

    def list(self) -> tuple[Digest, ...]:
        """Digests of the data sets, sorted."""
        kinds = (name.partition("/") for name in self._files.names())
        found = sorted(Digest(value) for kind, _, value in kinds if kind == INDEX)
        return tuple(digest for digest in found if self._files.has(Place.of_index(digest)))

    def _put_column(self, place: Place, source: Source) -> int:
        name = str(place.column)
        key = self._files.claimed(place)
        held = self._files.rows(place, key)
        if held is not None:
            return held
        schema = pa.schema([source.schema.field(name)])
        return self._files.write(place, key, schema, lambda: regrouped(_batches(source, name), schema, GROUP_ROWS))

    def _index(self, dataset: Digest) -> "_OpenedIndex":
        place = Place.of_index(dataset)
        if not self._files.has(place):
            raise InputError("no such data set is stored by column", where=str(dataset), hint="secmlops run stores one")
        key = self._files.key(place)
        file = self._files.open(place, key)
        try:
            return _OpenedIndex(dataset, key, Index.from_table(file.group(0)))
        finally:
            file.close()


@dataclass(frozen=True, slots=True)
class _OpenedIndex:
    """The index of a data set, and the key that its columns are found with."""

    dataset: Digest
    key: DataKey
    index: Index

    def place(self, column: str) -> Place:
        """Place of a column; raises InputError when there is none of this name."""
        if column not in self.index.names:
            raise InputError(f"there is no column {column!r}", where=f"data set {self.dataset}")
        return Place.of_column(self.dataset, column, self.key)


def _batches(source: Source, column: str) -> Iterable[pa.RecordBatch]:
    if isinstance(source, pa.Table):
        return source.select([column]).to_batches(max_chunksize=GROUP_ROWS)
    if isinstance(source, Dataset):
        return source.to_batches(columns=[column], batch_size=GROUP_ROWS)
    return source.batches([column])
