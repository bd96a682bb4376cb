"""One file of a source: opened by whoever reads it, and looked at again afterwards, as it must not change meanwhile."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from secmlops.core.errors import InputError

CHANGED = "let nobody write to it meanwhile, then run again"


class Part(Protocol):
    """A file that can be read at any place. ``name`` says which; ``size`` is in bytes."""

    @property
    def name(self) -> str:
        """What the file is called in messages."""
        ...

    @property
    def size(self) -> int:
        """Bytes of the file."""
        ...

    def open(self) -> BinaryIO:
        """Return a seekable stream of its bytes, to be closed by the caller; raises InputError when it cannot."""
        ...

    def check(self) -> None:
        """Raise InputError if the file is no longer the one that was found when this was made."""
        ...


@dataclass(frozen=True, slots=True)
class LocalPart:
    """A plain file on this machine. What it was when it was found: inode, size, and when it was last written to."""

    path: Path
    name: str
    size: int
    mark: tuple[int, int, int]

    @classmethod
    def of(cls, path: Path, name: str) -> "LocalPart":
        """Find the file; raises InputError when it is not there, is a link or no plain file."""
        found = _status(path)
        if stat.S_ISLNK(found.st_mode):
            raise InputError("is a link, and may lead anywhere", where=str(path), hint="put the file itself there")
        if not stat.S_ISREG(found.st_mode):
            raise InputError("is no plain file", where=str(path))
        return cls(path, name, found.st_size, _mark(path))

    def open(self) -> BinaryIO:
        """Return a stream of its bytes."""
        try:
            return self.path.open("rb")
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(self.path)) from None

    def check(self) -> None:
        """Raise InputError if inode, size or time are others."""
        if _mark(self.path) != self.mark:
            raise InputError("it changed while it was read", where=str(self.path), hint=CHANGED)


def _status(path: Path) -> os.stat_result:
    try:
        return path.lstat()
    except FileNotFoundError:
        raise InputError("there is no such file", where=str(path)) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None


def _mark(path: Path) -> tuple[int, int, int]:
    found = _status(path)
    return found.st_ino, found.st_size, found.st_mtime_ns
