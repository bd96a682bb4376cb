"""Extremely randomised trees (Geurts, Ernst and Wehenkel, Machine Learning 2006), all of them grown at once by level.

They stand in for an attacker's models: of the shape that most models of tables have, learned in milliseconds, and from
scores as well as from labels.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from secmlops.attack.oracle import Outputs

Matrix = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a forest is: ``trees`` of ``depth`` levels, each split the best of ``tried``, ``least`` rows a leaf."""

    trees: int = 16
    depth: int = 8
    tried: int = 6
    least: int = 2


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees as tables: ``columns`` and ``cuts`` [t, depth, 2^(depth-1)] of the splits, ``leaves`` [t, 2^depth, k].

    A row goes right where its column is above the cut; a node that was not split has an infinite cut.
    """

    columns: Places
    cuts: Matrix
    leaves: Outputs

    @classmethod
    def learn(
        cls, design: Matrix, scores: Outputs, generator: np.random.Generator, shape: Shape | None = None
    ) -> "Forest":
        """Learn from rows [n, d] and the scores [n, k] they got."""
        growing = _Growing(design, scores, shape or Shape(), generator)
        depth = growing.shape.depth
        columns = np.zeros((growing.shape.trees, depth, 2 ** (depth - 1)), np.intp)
        cuts = np.full(columns.shape, np.inf)
        for level in range(depth):
            columns[:, level, : 2**level], cuts[:, level, : 2**level] = growing.split(level)
        return cls(columns, cuts, growing.leaves())

    def predict(self, design: Matrix) -> Outputs:
        """Scores [n, k]: means over the trees."""
        trees, depth, wide = self.columns.shape
        begins = np.arange(len(design)) * design.shape[1]
        values, columns, cuts = design.ravel(), self.columns.ravel(), self.cuts.ravel()
        place = np.zeros((trees, len(design)), np.intp)
        for level in range(depth):
            node = place + (np.arange(trees)[:, None] * depth + level) * wide
            place = 2 * place + (_at(values, _at(columns, node) + begins) > _at(cuts, node))
        leaves = self.leaves.reshape(-1, self.leaves.shape[2])
        means: Outputs = leaves.take(place + np.arange(trees)[:, None] * 2**depth, axis=0, mode="clip").mean(axis=0)
        return means


class _Growing:
    """Where each row stands in each tree while the trees grow, ``place`` [t, n] among the nodes of a level."""

    def __init__(self, design: Matrix, scores: Outputs, shape: Shape, generator: np.random.Generator) -> None:
        self.scores, self.shape, self._generator = scores, shape, generator
        self._design, self._width = design.ravel(), design.shape[1]
        self._aim = scores[:, 1:] if scores.shape[1] == 2 else scores  # of two probabilities one tells both
        self._spread = [np.tile(aim, shape.trees) for aim in self._aim.T]
        self._place = np.zeros((shape.trees, len(design)), np.intp)
        self._begins = np.arange(len(design)) * self._width
        self._trees = np.arange(shape.trees)[:, None]

    def split(self, level: int) -> tuple[Places, Matrix]:
        """Split every node of ``level`` in two: the columns and cuts, both [t, 2^level]."""
        nodes = (self.shape.trees, 2**level)
        keys = self._keys(nodes[1])
        counts, sums = self._tally(keys, nodes, None)
        members = self._members(counts)
        best = np.full(nodes, -np.inf)
        columns, cuts = np.zeros(nodes, np.intp), np.full(nodes, np.inf)
        for _ in range(self.shape.tried):
            column, cut = self._drawn(members, counts)
            more, above = self._tally(keys, nodes, self._goes_right(keys, column, cut))
            gain = _gain(more, above) + _gain(counts - more, sums - above)
            gain[np.minimum(more, counts - more) < self.shape.least] = -np.inf
            better = gain > best
            best[better], columns[better], cuts[better] = gain[better], column[better], cut[better]
        self._place = 2 * self._place + self._goes_right(keys, columns, cuts)
        return columns, cuts

    def leaves(self) -> Outputs:
        """Mean scores of the rows in each leaf [t, 2^depth, k]; 0 where no row can come."""
        nodes = (self.shape.trees, 2**self.shape.depth)
        keys = self._keys(nodes[1])
        counts = _sums(keys, nodes, None)
        sums = [_sums(keys, nodes, np.broadcast_to(score, keys.shape)) for score in self.scores.T]
        leaves: Outputs = np.stack(sums, axis=-1) / np.maximum(counts, 1)[..., None]
        return leaves

    def _keys(self, nodes: int) -> Places:
        """Node of each row [t, n], counted through all trees."""
        return self._place + nodes * self._trees

    def _members(self, counts: Matrix) -> tuple[Places, Places]:
        """Rows by node of each tree [t, n], and where those of each node begin [t, nodes], in one run through all."""
        order = np.argsort(self._place.astype(np.uint16), axis=1, kind="stable")  # radix sort
        begins = np.cumsum(counts.astype(np.intp), axis=1) - counts.astype(np.intp)
        return order.ravel(), begins + self._trees * self._place.shape[1]

    def _drawn(self, members: tuple[Places, Places], counts: Matrix) -> tuple[Places, Matrix]:
        """Columns by chance, and cuts half-way between two rows of the node."""
        order, begins = members
        column = self._generator.integers(self._width, size=counts.shape)
        ends = []
        for _ in range(2):
            picked = begins + (self._generator.random(counts.shape) * counts).astype(np.intp)
            rows = order.take(picked, mode="clip")  # of an empty node whatever row: it is not split
            ends.append(_at(self._design, rows * self._width + column))
        return column, (ends[0] + ends[1]) / 2

    def _goes_right(self, keys: Places, column: Places, cut: Matrix) -> npt.NDArray[np.bool_]:
        values = _at(self._design, _at(column.ravel(), keys) + self._begins)
        above: npt.NDArray[np.bool_] = values > _at(cut.ravel(), keys)
        return above

    def _tally(
        self, keys: Places, nodes: tuple[int, int], chosen: npt.NDArray[np.bool_] | None
    ) -> tuple[Matrix, Matrix]:
        """Number of the rows ``chosen`` [t, n], and sums of what is aimed at: [t, nodes] and [j, t, nodes]."""
        if chosen is None:
            return _sums(keys, nodes, None), np.stack([_sums(keys, nodes, aim) for aim in self._spread])
        rows = np.flatnonzero(chosen)
        kept = _at(keys.ravel(), rows)
        return _sums(kept, nodes, None), np.stack([_sums(kept, nodes, _at(aim, rows)) for aim in self._spread])


def _at(values: npt.NDArray[Any], places: Places) -> npt.NDArray[Any]:
    """Values at places that are known to be within: clipping spares numpy a check of each."""
    return values.take(places, mode="clip")


def _sums(keys: Places, nodes: tuple[int, int], weight: Matrix | None) -> Matrix:
    """Sum in each node [t, nodes] of the weights of the rows there; without weights their number."""
    spread = None if weight is None else weight.ravel()
    return np.asarray(np.bincount(keys.ravel(), spread, nodes[0] * nodes[1]), np.float64).reshape(nodes)


def _gain(counts: Matrix, sums: Matrix) -> Matrix:
    """What a node of so many rows takes off the sum of squares, but for a constant [t, nodes]."""
    gain: Matrix = (sums**2).sum(axis=0) / np.maximum(counts, 1)
    return gain
