"""Generalisation hierarchies: which coarser group each value belongs to, up to one root that holds them all."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from secmlops.core.counting import counted
from secmlops.core.errors import InputError

ROOT = "*"
_MAX_DEPTH = 32
_MAX_WAY = 10

Nested = Mapping[str, "Nested"] | Sequence[str]
"""Groups by name, each of groups or of values, as a project file writes them."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The group ``parent`` gives each value and each group but the root, ``*``.

    Making one raises InputError for a cycle, for a group that does not lead to the root, and for more than 32 levels.
    Values and groups are told apart by their names alone, so no group may be called like a value.
    """

    parent: Mapping[str, str]
    where: str = "hierarchy"

    def __post_init__(self) -> None:
        if ROOT in self.parent:
            raise InputError(f"the root {ROOT!r} has a group above it", where=self.where)
        sound = {ROOT}
        for name in self.parent:
            path = self._path(name, sound)
            sound.update(path)

    def _path(self, name: str, sound: set[str]) -> list[str]:
        path: list[str] = []
        seen: set[str] = set()
        while name not in sound:
            if name in seen:
                raise _cycle([*path[path.index(name) :], name], self.where)
            if name not in self.parent:
                told = f"a hole: a group above {counted(len(path), 'level')} belongs to no group"
                hint = f"let every path end at the root, {ROOT!r}; this one ends at {_way([*path[-1:], name])}"
                raise InputError(told, where=self.where, hint=hint)
            path.append(name)
            seen.add(name)
            name = self.parent[name]
        if len(path) > _MAX_DEPTH:
            raise InputError(f"more than {_MAX_DEPTH} levels", where=self.where)
        return path

    def path(self, value: str) -> tuple[str, ...]:
        """``value`` and the groups it belongs to, from itself to the root.

        Raises InputError when the hierarchy has no place for it.
        """
        if value not in self.parent:
            from secmlops.data.presentable import presented  # noqa: PLC0415  # a server reads settings without Arrow

            told = presented([value], self.where)
            raise InputError(
                f"a hole: {told or 'a value of the column'} belongs to no group",
                where=self.where,
                hint=f"add each value of the column, or leave the hierarchy out; the root is {ROOT!r}",
            )
        path = [value]
        while path[-1] != ROOT:
            path.append(self.parent[path[-1]])
        return tuple(path)

    def with_value(self, value: str) -> "Hierarchy":
        """The same hierarchy with ``value`` right below the root, unless it has a place."""
        return self if value in self.parent else Hierarchy({**self.parent, value: ROOT}, self.where)

    @classmethod
    def from_levels(cls, rows: Iterable[Sequence[str | None]], where: str = "hierarchy") -> "Hierarchy":
        """Hierarchy from ``rows``: a value first, then ever coarser groups; the root may be left out.

        Raises InputError for an empty cell, for a cycle, and for a value or group that two rows put into different
        groups.
        """
        parent: dict[str, str] = {}
        for number, row in enumerate(rows, start=1):
            for child, group in itertools.pairwise(_climb(row, f"{where}, row {number}")):
                if parent.get(child, group) != group:
                    told = "one value or group lies in two others"
                    raise _second(parent, child, group, told, f"{where}, row {number}")
                parent[child] = group
        return cls(parent, where)

    @classmethod
    def from_nested(cls, groups: Nested, where: str = "hierarchy") -> "Hierarchy":
        """Hierarchy from groups within groups; raises InputError for a cycle, and for what is named twice."""
        parent: dict[str, str] = {}
        for child, group in _pairs(groups, ROOT):
            if child in parent:
                raise _second(parent, child, group, "a value or group is named twice", where)
            parent[child] = group
        return cls(parent, where)


def _climb(row: Sequence[str | None], where: str) -> Iterator[str]:
    """Yield a row of levels without repetitions (a group named like what it holds is that), closed by the root."""
    last = None
    for cell in (*row, ROOT):
        if cell is None or not cell.strip():
            raise InputError("a hole: an empty level", where=where, hint="name a group on each level")
        if cell != last:
            yield cell
        last = cell


def _pairs(groups: Nested, above: str) -> Iterator[tuple[str, str]]:
    for name in groups:
        yield name, above
        if isinstance(groups, Mapping):
            yield from _pairs(groups[name], name)


def _second(parent: Mapping[str, str], child: str, group: str, told: str, where: str) -> InputError:
    """Tell of a ``child`` with a place that is put below ``group`` besides: what it holds itself, it is in a cycle."""
    way = [child, group]
    while way[-1] not in (child, ROOT) and way[-1] in parent and len(way) <= len(parent) + 1:
        way.append(parent[way[-1]])
    if way[-1] == child:
        return _cycle(way, where)
    hint = f"leave it in one of them: it is {_way([child, parent[child]])} and {_way([child, group])}"
    return InputError(told, where=where, hint=hint)


def _cycle(way: Sequence[str], where: str) -> InputError:
    hint = f"take one of these out of the next: {_way(way)}"
    return InputError("groups contain each other in a cycle", where=where, hint=hint)


def _way(names: Sequence[str]) -> str:
    """Names from the one inside to the one outside, of a long way its ends; none that may be personal."""
    from secmlops.data.presentable import is_presentable  # noqa: PLC0415  # a server reads settings without Arrow

    shown = [repr(name) if is_presentable(name) else "(a value that is not shown)" for name in names]
    return " in ".join(shown if len(shown) <= _MAX_WAY else [*shown[: _MAX_WAY - 2], "...", *shown[-2:]])
