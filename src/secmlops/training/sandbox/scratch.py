"""The folder a child works in: inputs it may read, a folder for its answers, one to work in, and a canary beside it."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from secmlops.training.sandbox.memory import SHARED_MEMORY

_PREFIX = "secmlops-room-"
_MAX_ENTRIES = 20_000
_MAX_PATH = 1024
_BLOCK = 512
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def scratch_room(inputs: Mapping[str, bytes], folder: Path | None = None) -> Iterator[Path]:
    """Yield a fresh folder with ``scratch/in`` (the inputs by name), ``scratch/out``, ``scratch/tmp`` and ``canary``.

    It is made in ``folder``, or where the system keeps temporary files, and is gone afterwards, however deep or strange
    the child left it. If this process is killed before, the next room that is made clears it away: a room is in use as
    long as its lock is held.
    """
    clear_abandoned()
    room, lock = _claimed(folder)
    try:
        for name in ("scratch/in", "scratch/out", "scratch/tmp", "canary"):
            (room / name).mkdir(mode=0o700, parents=True)
        (room / "canary/canary").write_bytes(b"nobody inside may read this")
        for name, data in inputs.items():
            (room / "scratch/in" / name).write_bytes(data)
        yield room
    finally:
        remove(room)
        os.close(lock)


def _claimed(folder: Path | None) -> tuple[Path, int]:
    """Return a new room, and the lock that tells others it is in use."""
    while True:
        room = Path(mkdtemp(prefix=_PREFIX, dir=folder))
        with suppress(FileNotFoundError):
            lock = os.open(room, _FOLDER)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock).st_nlink:
                return room, lock
            os.close(lock)  # somebody cleared it away between its birth and its lock


def clear_abandoned() -> None:
    """Remove rooms of this user that no living process holds: they may hold training data."""
    for room in (room for folder in (gettempdir(), SHARED_MEMORY) for room in Path(folder).glob(f"{_PREFIX}*")):
        with suppress(OSError):  # it is in use, or another process is clearing it away too
            lock = os.open(room, _FOLDER)
            try:
                if os.fstat(lock).st_uid == os.geteuid():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    remove(room)
            finally:
                os.close(lock)


def remove(folder: Path) -> None:
    """Delete ``folder`` and all in it by walking, not by recursing: hostile code can nest folders without end.

    One folder is open at a time and no path is long. Nobody else may be writing there.
    """
    here = os.open(folder, _FOLDER)
    pending = [_unlink_files(here)]
    while pending[-1] or len(pending) > 1:
        if pending[-1]:
            os.chmod(pending[-1][-1], 0o700, dir_fd=here)
            here = _step(here, pending[-1][-1])
            pending.append(_unlink_files(here))
        else:
            here = _step(here, "..")
            pending.pop()
            os.rmdir(pending[-1].pop(), dir_fd=here)
    os.close(here)
    folder.rmdir()


def _step(here: int, name: str) -> int:
    """Open folder ``name`` of the open folder ``here``, and close that."""
    there = os.open(name, _FOLDER, dir_fd=here)
    os.close(here)
    return there


def _unlink_files(folder: int) -> list[str]:
    """Delete everything in the open folder but its subfolders, whose names are returned."""
    with os.scandir(folder) as entries:
        kinds = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in kinds:
        if not is_folder:
            os.unlink(name, dir_fd=folder)
    return [name for name, is_folder in kinds if is_folder]


def usage(folder: Path) -> int | None:
    """Bytes on disk beneath ``folder``; None when it holds more entries, or deeper ones, than an honest child makes."""
    total, seen, waiting = 0, 0, [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    seen += 1
                    total += _BLOCK * entry.stat(follow_symlinks=False).st_blocks
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except FileNotFoundError:
            continue  # the child deleted it meanwhile
        except OSError:
            return None
        if seen > _MAX_ENTRIES or any(len(path) > _MAX_PATH for path in waiting):
            return None
    return total
