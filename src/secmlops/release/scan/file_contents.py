"""The bytes of a file on disk: read in where they are few, mapped where they are many, and whether they changed since.

A mapped file costs neither memory nor time for the bytes that nobody looks at, such as those of arrays. Its price is
that others can still change it. A change is seen in the file's size and times, as finely as its file system keeps
them. Where the file is cut short, or its disk fails, and a byte that is gone is then looked at, the operating system
ends the whole process with SIGBUS: no verdict is given, and no program takes that end for success. Python cannot turn
the signal into an error, so whoever must survive it, or answer for exact bytes, asks for a copy.
"""

import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from secmlops.core.errors import InputError
from secmlops.release.scan.inspection import Data

_MAPPED_FROM = 64 << 20
"""Size in bytes from which a regular file is mapped; a smaller one is read in within a few hundredths of a second."""


@dataclass(frozen=True, slots=True)
class FileContents:
    """``data`` is what the open ``file`` held when it was read in, or holds now where it is mapped."""

    data: Data
    file: BinaryIO
    found: os.stat_result

    def changed(self) -> bool:
        """Whether the file was written to, cut or lengthened since it was opened."""
        return _state(os.fstat(self.file.fileno())) != _state(self.found)


@contextmanager
def open_contents(path: Path, most: int, *, copied: bool = False) -> Iterator[FileContents]:
    """Give the bytes of the file at ``path``; with ``copied`` they are read in whatever their size, and stay as read.

    Raises InputError where the file cannot be read, or is larger than ``most`` bytes when it is opened.
    """
    with _told(path):
        file = path.open("rb")
    with file:
        with _told(path):
            found = os.fstat(file.fileno())
            if found.st_size > most:
                raise InputError(f"{found.st_size} bytes, the limit of a scan is {most}", where=str(path))
            data = _read(file, found, copied)
        yield FileContents(data, file, found)


def _read(file: BinaryIO, found: os.stat_result, copied: bool) -> Data:
    if stat.S_ISREG(found.st_mode) and found.st_size >= _MAPPED_FROM and not copied:
        # What fails here is a file system that maps nothing, or a file cut in this very moment: both can be read in.
        with suppress(OSError, ValueError):
            # The mapping goes with the last view into it.
            return memoryview(mmap.mmap(file.fileno(), found.st_size, access=mmap.ACCESS_READ))
    return file.read()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None


def _state(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns
