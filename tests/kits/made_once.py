"""What is costly to make is made once in a run of the tests, by whichever process needs it first."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Folder that ``make`` filled, the same one in every process of this run: to be copied, never to be changed.

    ``make`` must leave nothing open: another process may copy the folder at once. Where it fails, nothing is kept, and
    the next who asks tries again.
    """
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / f"once-{name}"
    with (shared / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = factory.mktemp(name) / name
            making.mkdir()
            make(making)
            making.rename(folder)
    return folder
