"""A running gateway makes itself known in the project's folder: what it serves, and how it is doing, once a second."""

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secmlops.core.errors import InputError
from secmlops.core.json import Json

FOLDER = "serving"
_LARGEST = 1 << 20
_MEMBERS = {"pid": int, "address": str, "since": str, "ready": bool, "models": list, "requests": dict, "events": dict}


class Presence:
    """The file of this process in ``folder``; it is told anew by replacing it, and removed at the end.

    ``about`` is what does not change: ``address``, and ``since``, a moment in ISO 8601.
    """

    def __init__(self, folder: Path, about: Mapping[str, Json]) -> None:
        self._path = folder / f"{os.getpid()}.json"
        self._about = {"pid": os.getpid(), **about}

    def tell(self, what: Mapping[str, Json]) -> None:
        """Say how it is doing. A disk that is full keeps the old word: serving does not depend on this one."""
        fresh = self._path.with_suffix(".new")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            fresh.write_text(json.dumps({**self._about, **what}), encoding="utf-8")
            fresh.replace(self._path)

    def end(self) -> None:
        """Be gone."""
        with contextlib.suppress(OSError):
            self._path.unlink()


def present(folder: Path) -> list[dict[str, Any]]:
    """What the gateways that run now say of themselves; what one left that was killed is cleared away.

    Raises InputError when the folder cannot be read.
    """
    found: list[dict[str, Any]] = []
    try:
        paths = sorted(folder.glob("*.json"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(folder)) from None
    for path in paths:
        told = _read(path)
        if told is not None and _runs(told["pid"]):
            found.append(told)
        else:
            with contextlib.suppress(OSError):
                path.unlink()
    return found


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
    sound = isinstance(told, dict) and all(isinstance(told.get(name), kind) for name, kind in _MEMBERS.items())
    return told if sound and path.stem == str(told["pid"]) else None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it runs, as somebody else's
        return True
    return True
