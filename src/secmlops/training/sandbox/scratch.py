"""The folder a child works in: inputs it may read, a folder for its answers, one to work in, and a canary beside it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

_MAX_ENTRIES = 20_000
_BLOCK = 512


@contextmanager
def scratch_room(inputs: Mapping[str, bytes]) -> Iterator[Path]:
    """Yield a fresh folder with ``scratch/in`` (the inputs by name), ``scratch/out``, ``scratch/tmp`` and ``canary``.

    The whole folder is gone afterwards, however deep or strange the child left it.
    """
    room = Path(mkdtemp(prefix="secmlops-"))
    try:
        for name in ("scratch/in", "scratch/out", "scratch/tmp", "canary"):
            (room / name).mkdir(mode=0o700, parents=True)
        (room / "canary/canary").write_bytes(b"nobody inside may read this")
        for name, data in inputs.items():
            (room / "scratch/in" / name).write_bytes(data)
        yield room
    finally:
        remove(room)


def remove(folder: Path) -> None:
    """Delete ``folder`` and all in it without recursion, since hostile code can nest folders without end.

    What lies in a subfolder is first lifted up into ``folder``, so no path is ever long; each entry is moved once.
    Nobody else may be writing there.
    """
    lifted = 0
    while entries := list(os.scandir(folder)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                Path(entry.path).unlink()
                continue
            Path(entry.path).chmod(0o700)
            for inner in list(os.scandir(entry.path)):
                lifted += 1
                if inner.is_dir(follow_symlinks=False):
                    Path(inner.path).chmod(0o700)
                Path(inner.path).rename(folder / f"lifted-{lifted}-{folder.name}")
            Path(entry.path).rmdir()
    folder.rmdir()


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
        if seen > _MAX_ENTRIES:
            return None
    return total
