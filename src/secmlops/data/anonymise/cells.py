"""Counts the different values in many nodes at once: the cells between which a cut can lie.

The cells of a node are its different codes in ascending order.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Keys = npt.NDArray[np.int32] | npt.NDArray[np.int64]

_DENSE = 4


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The cells of all nodes, node by node.

    ``node``, ``code`` and ``count`` [cells] say where a cell is, which code it holds and how many rows; ``before``
    [cells] is the number of rows of its node with smaller codes, ``rank`` [cells] the number of smaller codes;
    ``first`` [nodes + 1] is the place of each node's first cell.
    """

    node: Integers
    code: Integers
    count: Integers
    before: Integers
    rank: Integers
    first: Integers

    @property
    def sizes(self) -> Integers:
        """Rows of each node [nodes]."""
        last = self.first[1:] - 1
        return self.before[last] + self.count[last]

    @property
    def distinct(self) -> Integers:
        """How many different codes each node has [nodes]."""
        return np.diff(self.first)

    @property
    def lowest(self) -> Integers:
        """Smallest code of each node [nodes]."""
        return self.code[self.first[:-1]]

    @property
    def highest(self) -> Integers:
        """Largest code of each node [nodes]."""
        return self.code[self.first[1:] - 1]


def count_cells(codes: Codes, node: Codes, nodes: int, domain: int) -> Cells:
    """Cells of rows with ``codes`` [n], each below ``domain``, that lie in the nodes ``node`` [n]."""
    keys, count = _count(_combined(node, domain, codes, nodes), nodes * domain)
    place = keys // domain
    first = np.searchsorted(place, np.arange(nodes + 1))
    total = np.cumsum(count) - count
    before = total - total[first[:-1]][place]
    return Cells(place, keys - place * domain, count, before, np.arange(len(keys)) - first[place], first)


def count_values(cells: Cells, rows: tuple[Codes, Codes, Codes], domain: int, kinds: int) -> tuple[Integers, ...]:
    """Which values occur in which cells: the place of the cell, the value and the number of rows, each [triples].

    ``rows`` are code, node and value of each row, three arrays [n]; values lie below ``kinds``.
    """
    codes, node, values = rows
    nodes = len(cells.first) - 1
    keys = _combined(_combined(node, domain, codes, nodes), kinds, values, nodes * domain)
    found, count = _count(keys, nodes * domain * kinds)
    place = found // kinds
    cell = np.cumsum(np.concatenate([[0], place[1:] != place[:-1]]))
    return cell, found - place * kinds, count


def _count(keys: Keys, size: int) -> tuple[Integers, Integers]:
    """Different values of ``keys`` [n], each below ``size``, ascending, and how often each occurs."""
    if size <= _DENSE * len(keys):
        counts = np.bincount(keys, minlength=size)
        present = np.flatnonzero(counts)
        return present, counts[present]
    ascending = keys.copy()
    ascending.sort()
    starts = np.flatnonzero(np.concatenate([[True], ascending[1:] != ascending[:-1]]))
    return ascending[starts].astype(np.int64), np.diff(np.append(starts, len(keys)))


def _combined(major: Keys, base: int, minor: Codes, majors: int) -> Keys:
    """``major`` * ``base`` + ``minor`` [n], in 32 bits where it fits: such keys are sorted twice as fast."""
    if majors * base <= np.iinfo(np.int32).max:
        return major.astype(np.int32) * np.int32(base) + minor
    return major.astype(np.int64) * base + minor
