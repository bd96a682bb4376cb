"""What the vault asks of a store of named bytes: whole objects or nothing, whoever pulls the plug."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from secmlops.core.errors import InputError

Writer = Callable[[BinaryIO], None]
"""Writes the bytes of an object to the stream it is given; when it raises, nothing is stored."""

_NAME = re.compile(r"[a-z0-9_-][a-z0-9._-]{0,127}(?:/[a-z0-9_-][a-z0-9._-]{0,127}){0,7}")


class ObjectStore(Protocol):
    """Named bytes, stored atomically: a reader sees an object whole or not at all, also after a crash.

    Names are one to eight segments joined by ``/``, each of lower-case letters, digits, ``.``, ``_`` and ``-`` and not
    beginning with a dot. Every method raises InputError for another name, and for storage that fails (full, read-only,
    out of reach), after which everything is as it was before.
    """

    def put(self, name: str, write: Writer, /) -> None:
        """Store what ``write`` writes under ``name``, in place of what was there."""
        ...

    def create(self, name: str, data: bytes, /) -> bool:
        """Store ``data`` unless the name is taken; False, with nothing changed, if it is."""
        ...

    def replace(self, name: str, old: bytes, new: bytes, /) -> bool:
        """Store ``new`` if the name holds ``old`` at this moment; False, with nothing changed, if it does not."""
        ...

    def open(self, name: str, /) -> BinaryIO:
        """Return a seekable stream of the object, to be closed by the caller; raises InputError when there is none."""
        ...

    def exists(self, name: str, /) -> bool:
        """Whether there is such an object."""
        ...

    def delete(self, name: str, /) -> bool:
        """Remove the object for good; False if there was none."""
        ...

    def list(self) -> Iterator[str]:
        """Names of all objects, sorted."""
        ...


def is_name(name: str) -> bool:
    """Whether ``name`` may name an object."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str) -> str:
    """Return ``name``; raises InputError if it may not name an object, above all if it could lead out of the store."""
    if not is_name(name):
        raise InputError(
            f"{name[:80]!r} cannot name a stored object",
            hint="lower-case letters, digits, '.', '_' and '-', in segments joined by '/', none beginning with a dot",
        )
    return name
