"""The files of some columns of one data set, read side by side, a row group at a time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from secmlops.core.errors import VerificationError
from secmlops.data.arrow import Chunks
from secmlops.data.columns.files import SealedFiles
from secmlops.data.columns.place import Place
from secmlops.data.columns.sealed_file import SealedFile
from secmlops.vault.data_key import DataKey

MOST_OPEN: Final = 128
"""Files that are kept open at once. More are opened anew for each row group: a process may hold only so many."""

WORKERS: Final = 2


class SideBySide:
    """Columns of ``rows`` rows each. Every key is asked for once, when this is made; nothing else is.

    Raises InputError for a column that is not there, VerificationError, here or while reading, when a file or a key is
    not what was stored, or a file has other rows than the data set.
    """

    def __init__(self, files: SealedFiles, places: Sequence[Place], rows: int) -> None:
        self._files = files
        self._rows = rows
        self._places = [(place, files.key(place)) for place in places]
        self._workers = ThreadPoolExecutor(WORKERS)
        self._kept: list[SealedFile] = []
        self.groups = 0
        try:
            for place, key in self._places if len(places) <= MOST_OPEN else self._places[:1]:
                self._kept.append(self._opened(place, key))
                self.groups = self.groups or self._kept[0].groups
        except BaseException:
            self.close()
            raise

    def part(self, number: int) -> list[Chunks]:
        """Values of each column in the row group of this number."""
        return list(self._workers.map(lambda at: self._one(at, number), range(len(self._places))))

    def close(self) -> None:
        """Close the files."""
        self._workers.shutdown(cancel_futures=True)
        for file in self._kept:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def _one(self, at: int, number: int) -> Chunks:
        if len(self._kept) == len(self._places):
            return self._kept[at].group(number).column(0)
        file = self._opened(*self._places[at])
        try:
            return file.group(number).column(0)
        finally:
            file.close()

    def _opened(self, place: Place, key: DataKey) -> SealedFile:
        file = self._files.open(place, key)
        if file.rows == self._rows and file.groups == (self.groups or file.groups):
            return file
        rows = file.rows
        file.close()
        raise VerificationError(f"the file has {rows} rows, the data set {self._rows}", where=str(place))
