"""Take bytes out of a folder a hostile child wrote to: regular files of fixed names and bounded size, nothing else."""

import errno
import os
import stat

from secmlops.core.errors import IsolationError

_NO_SURPRISES = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def read_output(folder: int, name: str, limit: int) -> bytes | None:
    """Bytes of file ``name`` in the open directory ``folder``; None when there is none.

    Raises IsolationError for a symbolic link, a device, a pipe, a folder, a file with another name elsewhere, or one of
    more than ``limit`` bytes.
    """
    try:
        descriptor = os.open(name, _NO_SURPRISES, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        kind = "a symbolic link" if error.errno == errno.ELOOP else f"unreadable ({error.strerror})"
        raise _refused(name, kind) from None
    try:
        return _read(descriptor, name, limit)
    finally:
        os.close(descriptor)


def _read(descriptor: int, name: str, limit: int) -> bytes:
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        raise _refused(name, "not a regular file")
    if about.st_nlink != 1:
        raise _refused(name, "a hard link to another file")
    if about.st_size > limit:
        raise _refused(name, f"{about.st_size} bytes long; {limit} are allowed")
    data = bytearray()
    while len(data) <= limit and (chunk := os.read(descriptor, min(1 << 20, limit + 1 - len(data)))):
        data += chunk
    if len(data) > limit:
        raise _refused(name, f"more than {limit} bytes long")
    return bytes(data)


def _refused(name: str, kind: str) -> IsolationError:
    return IsolationError(
        f"the isolated code left {name} as {kind}"
        if kind.startswith("a ")
        else f"{name} from the isolated code is {kind}",
        hint="its answers are refused; look for code that writes to the output folder",
    )
