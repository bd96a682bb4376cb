"""Extremely randomised trees (Geurts, Ernst and Wehenkel, Machine Learning 2006), all of them grown at once by level.

They stand in for an attacker's models: of the shape that most models of tables have, learned in milliseconds, and from
scores as well as from labels.
"""

from dataclasses import dataclass

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
        trees = np.arange(len(self.leaves))[:, None]
        rows = np.arange(len(design))
        place = np.zeros((len(self.leaves), len(design)), np.intp)
        for level in range(self.columns.shape[1]):
            column, cut = self.columns[trees, level, place], self.cuts[trees, level, place]
            place = 2 * place + (design[rows, column] > cut)
        means: Outputs = self.leaves[trees, place].mean(axis=0)
        return means


class _Growing:
    """Where each row stands in each tree while the trees grow, ``place`` [t, n] among the nodes of a level."""

    def __init__(self, design: Matrix, scores: Outputs, shape: Shape, generator: np.random.Generator) -> None:
        self.design, self.scores, self.shape, self._generator = design, scores, shape, generator
        self._aim = scores[:, 1:] if scores.shape[1] == 2 else scores  # of two probabilities one tells both
        self._place = np.zeros((shape.trees, len(design)), np.intp)
        self._rows = np.arange(len(design))

    def split(self, level: int) -> tuple[Places, Matrix]:
        """Split every node of ``level`` in two: the columns and cuts, both [t, 2^level]."""
        nodes = (self.shape.trees, 2**level)
        counts, sums = self._tally(nodes, np.ones(self._place.shape))
        best = np.full(nodes, -np.inf)
        columns, cuts = np.zeros(nodes, np.intp), np.full(nodes, np.inf)
        for _ in range(self.shape.tried):
            column, cut = self._drawn(nodes)
            right = self._goes_right(column, cut)
            more, above = self._tally(nodes, right.astype(np.float64))
            gain = _gain(more, above) + _gain(counts - more, sums - above)
            gain[np.minimum(more, counts - more) < self.shape.least] = -np.inf
            better = gain > best
            best[better], columns[better], cuts[better] = gain[better], column[better], cut[better]
        self._place = 2 * self._place + self._goes_right(columns, cuts)
        return columns, cuts

    def leaves(self) -> Outputs:
        """Mean scores of the rows in each leaf [t, 2^depth, k]; 0 where no row can come."""
        nodes = (self.shape.trees, 2**self.shape.depth)
        counts = self._sums(nodes, np.ones(len(self._rows)))
        sums = [self._sums(nodes, score) for score in self.scores.T]
        leaves: Outputs = np.stack(sums, axis=-1) / np.maximum(counts, 1)[..., None]
        return leaves

    def _drawn(self, nodes: tuple[int, int]) -> tuple[Places, Matrix]:
        """Columns by chance, and cuts half-way between two rows of the node."""
        column = self._generator.integers(self.design.shape[1], size=nodes)
        order = self._generator.permutation(len(self._rows))
        ends = []
        for turned in (order, order[::-1]):
            picked = np.zeros(nodes, np.intp)
            picked[np.arange(nodes[0])[:, None], self._place[:, turned]] = turned  # of several rows the last one stays
            ends.append(self.design[picked, column])
        return column, (ends[0] + ends[1]) / 2

    def _goes_right(self, column: Places, cut: Matrix) -> npt.NDArray[np.bool_]:
        trees = np.arange(self.shape.trees)[:, None]
        above: npt.NDArray[np.bool_] = self.design[self._rows, column[trees, self._place]] > cut[trees, self._place]
        return above

    def _tally(self, nodes: tuple[int, int], chosen: Matrix) -> tuple[Matrix, Matrix]:
        """Sums of the weights ``chosen`` [t, n], and of what is aimed at with them: [t, nodes] and [j, t, nodes]."""
        return self._sums(nodes, chosen), np.stack([self._sums(nodes, chosen * aim) for aim in self._aim.T])

    def _sums(self, nodes: tuple[int, int], weight: Matrix) -> Matrix:
        """Sum in each node [t, nodes] of weights [t, n] or [n]."""
        keys = self._place + nodes[1] * np.arange(nodes[0])[:, None]
        spread = np.broadcast_to(weight, keys.shape)
        summed = np.bincount(keys.ravel(), spread.ravel(), nodes[0] * nodes[1])
        return np.asarray(summed, np.float64).reshape(nodes)


def _gain(counts: Matrix, sums: Matrix) -> Matrix:
    """What a node of so many rows takes off the sum of squares, but for a constant [t, nodes]."""
    gain: Matrix = (sums**2).sum(axis=0) / np.maximum(counts, 1)
    return gain
