"""A release on disk: a folder of plain files, written whole or not at all, read without following links."""

import contextlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from secmlops.core.errors import InputError, VerificationError

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files`` as a new folder ``target``: complete and durable when it appears under its name.

    Raises InputError when it exists already or cannot be written; nothing is left behind then.
    """
    temporary = target.parent / f".{target.name}.{secrets.token_hex(8)}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(target):
            raise InputError(
                "this release exists already", where=str(target), hint="releases never change: raise the version"
            )
        temporary.mkdir()
        with _cleared(temporary):
            for name, data in files.items():
                _write_file(temporary / name, data)
            _sync(temporary)
            temporary.rename(target)
        _sync(target.parent)
    except OSError as error:
        raise InputError(f"the release cannot be written: {error.strerror}", where=str(target)) from None


class ReleaseFolder:
    """An open folder whose plain files can be read by name, whatever becomes of its path meanwhile."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path) -> "Iterator[ReleaseFolder]":
        """Open the folder; raises InputError when there is none, or a link in its place."""
        try:
            descriptor = os.open(path, _READ | os.O_DIRECTORY)
        except OSError as error:
            raise InputError(f"no release can be read here: {error.strerror}", where=str(path)) from None
        try:
            yield cls(path, descriptor)
        finally:
            os.close(descriptor)

    def names(self, most: int) -> frozenset[str]:
        """Names of all entries; raises VerificationError when they are more than ``most``."""
        found: set[str] = set()
        with os.scandir(self._descriptor) as entries:
            for entry in entries:
                found.add(entry.name)
                if len(found) > most:
                    raise VerificationError(f"more than {most} files in a release", where=str(self._path))
        return frozenset(found)

    def read(self, name: str, most: int) -> bytes:
        """Bytes of a plain file of at most ``most`` bytes; raises VerificationError for anything else."""
        where = str(self._path / name)
        try:
            descriptor = os.open(name, _READ, dir_fd=self._descriptor)
        except OSError as error:
            raise VerificationError(f"a file of the release cannot be read: {error.strerror}", where=where) from None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise VerificationError("not a plain file", where=where)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                data = file.read(most + 1)
        finally:
            os.close(descriptor)
        if len(data) > most:
            raise VerificationError(f"a file of more than {most} bytes", where=where)
        return data


@contextlib.contextmanager
def _cleared(folder: Path) -> Iterator[None]:
    """Remove the folder when the work in it does not come to its end."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _write_file(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, _WRITE, 0o644), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
