"""A bounded table of clients in which newcomers cannot push out those who are known.

Segmented least recently used (Karedla, Love and Wherry, "Caching strategies to improve disk system performance", 1994):
whoever is met for the first time goes to the newcomers, whoever comes often enough to the regulars. A flood of names
that come once or twice replaces newcomers only.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from secmlops.core.errors import InputError

T = TypeVar("T")

OFTEN = 8
"""Visits that make a newcomer a regular."""
_REGULARS = 0.75


class Table(Generic[T]):
    """At most ``size`` entries by name, a quarter of them for newcomers; an unknown name gets what ``make`` makes.

    ``drop`` is told what is forgotten.
    """

    __slots__ = ("_drop", "_make", "_most_new", "_most_regular", "_new", "_regular")

    def __init__(self, size: int, make: Callable[[], T], drop: Callable[[T], None] | None = None) -> None:
        if size < 4:
            raise InputError(f"a table of {size} clients is too small", hint="give 4 or more")
        self._make, self._drop = make, drop
        self._most_regular = int(size * _REGULARS)
        self._most_new = size - self._most_regular
        self._new: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._regular: OrderedDict[str, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._new) + len(self._regular)

    def __contains__(self, name: str) -> bool:
        return name in self._regular or name in self._new

    def regular(self, name: str) -> T | None:
        """Entry of a regular, which is no visit; None of everyone else."""
        return self._regular.get(name)

    def get(self, name: str) -> T:
        """Entry of ``name``, which is a visit."""
        entry = self._regular.get(name)
        if entry is not None:
            self._regular.move_to_end(name)
            return entry
        known = self._new.pop(name, None)
        if known is None:
            if len(self._new) >= self._most_new:
                self._forget(self._new.popitem(last=False)[1][0])
            entry, visits = self._make(), 1
        else:
            entry, visits = known[0], known[1] + 1
        if visits < OFTEN:
            self._new[name] = entry, visits
            return entry
        if len(self._regular) >= self._most_regular:
            self._forget(self._regular.popitem(last=False)[1])
        self._regular[name] = entry
        return entry

    def _forget(self, entry: T) -> None:
        if self._drop is not None:
            self._drop(entry)
