"""One sealed file at its place, and the record of its data key: claimed, written, opened, destroyed."""

from collections.abc import Callable, Iterable
from typing import BinaryIO

import pyarrow as pa

from secmlops.core.errors import InputError, VerificationError
from secmlops.data.columns.place import Place
from secmlops.data.columns.sealed_file import SealedFile, write_sealed
from secmlops.vault.data_key import MAX_RECORD_SIZE, DataKey, KeyWrapper
from secmlops.vault.storage import ObjectStore


class SealedFiles:
    """Files in one object store, the wrapped keys they are sealed under in another."""

    def __init__(self, files: ObjectStore, data_keys: ObjectStore, wrapper: KeyWrapper, project: str) -> None:
        if not project:
            raise InputError("a store of columns needs the name of its project")
        self._files = files
        self._data_keys = data_keys
        self._wrapper = wrapper
        self._project = project

    def has(self, place: Place) -> bool:
        """Whether file and key record are there; neither is examined."""
        return self._data_keys.exists(place.address.name) and self._files.exists(place.address.name)

    def key(self, place: Place) -> DataKey:
        """Unwrap the key of a place.

        Raises InputError when there is none, VerificationError when the record is not the one of this place.
        """
        name = place.address.name
        if not self._data_keys.exists(name):
            raise InputError(
                "there is no key for it", where=str(place), hint="it was destroyed, or never stored in this project"
            )
        with self._data_keys.open(name) as stream:
            record = stream.read(MAX_RECORD_SIZE + 1)
        return DataKey.from_record(record, self._wrapper, self._project, place.address)

    def claimed(self, place: Place) -> DataKey:
        """Key of a place, made if there is none. Of two processes that make one at once, the first one's stays."""
        if not self._data_keys.exists(place.address.name):
            record = DataKey.generate().to_record(self._wrapper, self._project, place.address)
            self._data_keys.create(place.address.name, record)
        return self.key(place)

    def write(self, place: Place, key: DataKey, schema: pa.Schema, groups: Callable[[], Iterable[pa.Table]]) -> int:
        """Write the file of a place, in one step, and return its number of rows."""
        rows = 0

        def write(sink: BinaryIO) -> None:
            nonlocal rows
            rows = write_sealed(groups(), schema, sink, key.key, self.prefix(place, key))

        self._files.put(place.address.name, write)
        return rows

    def open(self, place: Place, key: DataKey | None = None) -> SealedFile:
        """Open the file of a place; raises InputError when it is not there, else what ``key`` and ``SealedFile`` do."""
        data_key = self.key(place) if key is None else key
        if not self._files.exists(place.address.name):
            raise InputError("the file is gone", where=str(place), hint="restore it from a backup")
        source = self._files.open(place.address.name)
        return SealedFile(source, data_key.key, self.prefix(place, data_key), str(place))

    def rows(self, place: Place, key: DataKey) -> int | None:
        """Rows of a file that is there and whose footer is sound, else None."""
        if not self._files.exists(place.address.name):
            return None
        try:
            file = self.open(place, key)
        except VerificationError:
            return None
        try:
            return file.rows
        finally:
            file.close()

    def destroy(self, place: Place) -> bool:
        """Destroy the key, which makes every copy of the file unreadable, then the file; False if neither is there."""
        key_gone = self._data_keys.delete(place.address.name)
        return self._files.delete(place.address.name) or key_gone

    def prefix(self, place: Place, key: DataKey) -> bytes:
        """AAD prefix that the file of a place is bound to."""
        return place.prefix(self._project, key)

    def names(self) -> list[str]:
        """Names of all files, sorted."""
        return list(self._files.list())
