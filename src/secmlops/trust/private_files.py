"""Files that only their owner may read: opened without following links, replaced whole or not at all."""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from secmlops.core.errors import InputError

MAX_FILE_BYTES = 8 * 1024 * 1024
_LOCK = "lock"
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class PrivateFolder:
    """A folder of mode 0700 with files of mode 0600, all owned by the user who runs this process.

    Every operation works through the open folder, so that nobody can put another one in its place between a check and
    the use. All methods raise InputError when the folder is absent, and when it or a file is a link, another user's, or
    open to others.
    """

    path: Path

    def make(self) -> None:
        """Make the folder, and those above it, where they are missing."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise InputError(f"the folder cannot be made: {error.strerror}", where=str(self.path)) from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder's lock against other processes; it falls with the process that holds it."""
        with self._open() as folder:
            lock = self._open_file(folder, _LOCK, os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)

    def read(self, name: str) -> bytes | None:
        """Bytes of the file, or None when there is none."""
        with self._open() as folder:
            try:
                descriptor = self._open_file(folder, name, os.O_RDONLY)
            except FileNotFoundError:
                return None
            with os.fdopen(descriptor, "rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise InputError(f"larger than {MAX_FILE_BYTES} bytes", where=str(self.path / name))
        return data

    def write(self, name: str, data: bytes) -> None:
        """Put ``data`` in the file's place, on the disk before this returns; a crash leaves the old file or the new.

        Call it with the lock held: the temporary file has one name, and one that a killed process left is removed.
        """
        temporary = f"{name}.new"
        with self._open() as folder:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)
            descriptor = self._open_file(folder, temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    @contextmanager
    def _open(self) -> Iterator[int]:
        try:
            folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise InputError("there is no such folder", where=str(self.path), hint="make the keys first") from None
        except OSError:
            raise InputError("not a folder that can be read, or a link to one", where=str(self.path)) from None
        try:
            self._check(os.fstat(folder), "", stat.S_ISDIR)
            yield folder
        finally:
            os.close(folder)

    def _open_file(self, folder: int, name: str, flags: int) -> int:
        try:
            file = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600, dir_fd=folder)
        except FileNotFoundError:
            raise
        except OSError as error:
            reason = f"a link, or a file that cannot be opened: {error.strerror}"
            raise InputError(reason, where=str(self.path / name)) from None
        try:
            self._check(os.fstat(file), name, stat.S_ISREG)
        except InputError:
            os.close(file)
            raise
        return file

    def _check(self, found: os.stat_result, name: str, is_kind: Callable[[int], bool]) -> None:
        where = str(self.path / name)
        if not is_kind(found.st_mode):
            raise InputError("not a regular file", where=where)
        if found.st_uid != os.geteuid():
            raise InputError("owned by another user", where=where, hint="keys are read only from the user's own files")
        if found.st_mode & _OTHERS:
            raise InputError("other users can read or change it", where=where, hint=f"chmod go-rwx {where}")
