"""Objects as files in a folder: written aside, flushed to disk, then renamed, so that a crash leaves old or new."""

import contextlib
import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from secmlops.core.errors import InputError, VerificationError
from secmlops.vault.storage import Writer, check_name, is_name

_INCOMING = ".incoming"
_LOCK = ".lock"
_HINTS = {
    errno.ENOSPC: "free some space, then run it again",
    errno.EDQUOT: "free some space or raise the quota, then run it again",
    errno.EFBIG: "raise the limit on file sizes, then run it again",
    errno.EROFS: "it is on a read-only file system; choose another folder",
    errno.EACCES: "give yourself the right to it, or choose another folder",
    errno.EPERM: "give yourself the right to it, or choose another folder",
    errno.ELOOP: "there is a symbolic link where a file of the store should be; remove it",
}


class LocalObjectStore:
    """An ObjectStore in ``folder``, which is made on the first write, for its owner alone (mode 0700).

    Several processes may use one folder. A process that dies while it writes leaves a file in ``.incoming``; the lock
    it held on it died too, so the next process to write or to delete knows that it is stale, and removes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / _INCOMING
        self._ready = False

    def put(self, name: str, write: Writer, /) -> None:
        """See ObjectStore.put."""
        path = self._path(name)
        with _reported("cannot be stored", path), self._written(write) as fresh:
            self._publish(fresh, path)

    def create(self, name: str, data: bytes, /) -> bool:
        """See ObjectStore.create."""
        path = self._path(name)
        with _reported("cannot be stored", path), self._written(_writer(data)) as fresh, self._locked():
            if path.exists():
                return False
            self._publish(fresh, path)
            return True

    def replace(self, name: str, old: bytes, new: bytes, /) -> bool:
        """See ObjectStore.replace."""
        path = self._path(name)
        with _reported("cannot be stored", path), self._written(_writer(new)) as fresh, self._locked():
            if not path.exists() or path.read_bytes() != old:
                return False
            self._publish(fresh, path)
            return True

    def open(self, name: str, /) -> BinaryIO:
        """See ObjectStore.open."""
        path = self._path(name)
        with _reported("cannot be read", path):
            return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")

    def exists(self, name: str, /) -> bool:
        """See ObjectStore.exists."""
        path = self._path(name)
        with _reported("cannot be read", path):
            return path.is_file()

    def delete(self, name: str, /) -> bool:
        """See ObjectStore.delete. The file is unlinked, not overwritten: the medium may keep its blocks for a while."""
        path = self._path(name)
        with _reported("cannot be deleted", path):
            if self._incoming.is_dir():
                self._prepare()
            if not path.exists():
                return False
            with self._locked():
                path.unlink(missing_ok=True)
                _flush_folder(path.parent)
            return True

    def list(self) -> Iterator[str]:
        """See ObjectStore.list. Files that no object of a store can be named by are not listed."""
        with _reported("cannot be listed", self._folder):
            found = [path.relative_to(self._folder).as_posix() for path in self._folder.rglob("*") if path.is_file()]
        return iter(sorted(filter(is_name, found)))

    def _path(self, name: str) -> Path:
        path = self._folder / check_name(name)
        if path.parent.resolve() != self._folder.resolve() / Path(name).parent:
            raise VerificationError(
                "a symbolic link leads out of the store", where=str(path.parent), hint="remove it, and ask who set it"
            )
        return path

    @contextlib.contextmanager
    def _written(self, write: Writer) -> Iterator[Path]:
        """Path of a fresh file with what ``write`` wrote, on disk; removed at the end unless it was renamed."""
        self._prepare()
        descriptor, path = self._claimed()
        with os.fdopen(descriptor, "wb") as sink:
            try:
                write(sink)
                sink.flush()
                os.fsync(descriptor)
                yield path
            finally:
                path.unlink(missing_ok=True)

    def _claimed(self) -> tuple[int, Path]:
        """A new file in ``.incoming`` and the lock that tells others it is being written."""
        while True:
            path = self._incoming / secrets.token_hex(16)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            if _lock_at_once(descriptor) and os.fstat(descriptor).st_nlink:
                return descriptor, path
            os.close(descriptor)  # a sweep took it between its birth and its lock

    def _publish(self, fresh: Path, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.replace(path)
        for folder in path.parents:
            _flush_folder(folder)
            if folder == self._folder:
                break

    def _prepare(self) -> None:
        """Make the folder and remove what dead writers left, once in the life of this store."""
        if self._ready:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._incoming.mkdir(mode=0o700, exist_ok=True)
        for path in self._incoming.iterdir():
            with contextlib.suppress(FileNotFoundError), path.open("rb") as leftover:
                if _lock_at_once(leftover.fileno()):
                    path.unlink(missing_ok=True)
        _flush_folder(self._folder.parent)
        self._ready = True

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of the store, which orders ``create``, ``replace`` and ``delete`` between processes."""
        with (self._folder / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _writer(data: bytes) -> Writer:
    def write(sink: BinaryIO) -> None:
        sink.write(data)

    return write


def _lock_at_once(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _flush_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a power cut, as fsync(2) says a file's own fsync does not."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _reported(what: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        hint = _HINTS.get(error.errno or 0, "see that the folder is there and can be read and written")
        raise InputError(f"the object {what}: {reason}", where=str(path), hint=hint) from error
