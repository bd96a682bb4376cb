"""The part of a hierarchy that a column uses, its values coded so that every group is a range of codes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from secmlops.data.anonymise.cells import Integers
from secmlops.data.anonymise.hierarchy import Hierarchy


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """The values ``leaves`` in their order, and the groups at each depth.

    ``groups`` [depth][leaf] numbers the group a leaf belongs to, from 0 in the order of the leaves; depth 0 is the
    root, and a leaf that ends above a depth is a group of its own there. ``names`` [depth][group] name the groups,
    ``starts`` [depth][group] the first leaf of each group.
    """

    leaves: tuple[str, ...] = field(repr=False)
    groups: tuple[Integers, ...] = field(repr=False)
    names: tuple[tuple[str, ...], ...] = field(repr=False)
    starts: tuple[Integers, ...] = field(repr=False)

    @property
    def height(self) -> int:
        """Levels above the deepest leaf."""
        return len(self.groups) - 1

    def shares(self, depth: int) -> npt.NDArray[np.float64]:
        """Share of all leaves in each group at ``depth``."""
        return np.diff(np.append(self.starts[depth], len(self.leaves))) / len(self.leaves)


def plant(hierarchy: Hierarchy, rows: Mapping[str, int]) -> Tree:
    """Tree of the values that ``rows`` counts; of each group the part with most rows comes first.

    Large parts first let a cut peel them off one by one, until what is left is too small to stand alone. Raises
    InputError for a value without a place in the hierarchy.
    """
    paths = {value: tuple(reversed(hierarchy.path(value))) for value in rows}
    size = Counter[tuple[str, ...]]()
    for value, path in paths.items():
        for depth in range(len(path)):
            size[path[: depth + 1]] += rows[value]

    def place(value: str) -> tuple[tuple[int, str], ...]:
        path = paths[value]
        return tuple((-size[path[: depth + 1]], path[depth]) for depth in range(len(path)))

    leaves = tuple(sorted(paths, key=place))
    height = max(len(path) for path in paths.values())
    levels = [[(*paths[leaf], *[leaf] * height)[depth] for leaf in leaves] for depth in range(height)]
    groups = tuple(_numbered(level) for level in levels)
    starts = tuple(np.flatnonzero(np.diff(group, prepend=-1)) for group in groups)
    names = tuple(tuple(level[start] for start in first) for level, first in zip(levels, starts, strict=True))
    return Tree(leaves, groups, names, starts)


def _numbered(level: list[str]) -> Integers:
    changes = [place > 0 and name != level[place - 1] for place, name in enumerate(level)]
    return np.cumsum(np.array(changes, np.int64))
