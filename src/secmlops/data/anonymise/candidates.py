"""The cuts of one quasi-identifier that leave k rows on both sides of a node, and which rows each would part."""

from dataclasses import dataclass

import numpy as np

from secmlops.data.anonymise.block import Block, goes_left, no_cuts
from secmlops.data.anonymise.cells import Cells, Integers, count_values
from secmlops.data.anonymise.privacy import Mask

MOST_PER_NODE = 4_096


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Cuts [m] of the nodes ``node``: the ``ties`` first rows of ``cell`` are the last to go left, ``left`` in all."""

    cell: Integers
    ties: Integers
    node: Integers
    left: Integers
    split: Mask

    def where(self, mask: Mask) -> "Candidates":
        """Those of which ``mask`` [m] is true."""
        return Candidates(self.cell[mask], self.ties[mask], self.node[mask], self.left[mask], self.split[mask])


def candidates(cells: Cells, sizes: Integers, k: int) -> Candidates:
    """Cuts between two cells, and inside a cell where exactly k rows go to one side.

    Of a node with very many cells, 4,096 cuts or so are kept, evenly spread over them.
    """
    after = cells.before + cells.count
    size = sizes[cells.node]
    fits = (after >= k) & (size - after >= k)
    if len(cells.code) > MOST_PER_NODE * len(sizes):
        fits &= cells.rank % -(-len(cells.code) // (MOST_PER_NODE * len(sizes))) == 0
    between = np.flatnonzero(fits)
    low = np.flatnonzero((cells.before < k) & (after > k) & (size >= 2 * k))
    high = np.flatnonzero((cells.before < size - k) & (after > size - k) & (size > 2 * k))
    cell = np.concatenate([between, low, high])
    left = np.concatenate([after[between], np.full(len(low), k), size[high] - k])
    split = np.arange(len(cell)) >= len(between)
    return Candidates(cell, left - cells.before[cell], cells.node[cell], left, split)


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Looks up what goes left and right at each of the ``cuts`` of the quasi-identifier ``place`` of ``block``."""

    cuts: Candidates
    cells: Cells
    block: Block
    place: int
    domain: int

    def count(self, column: int, kinds: int) -> tuple[Integers, Integers]:
        """How many rows with each value of ``column`` go left and right, two arrays [m, kinds]."""
        rows = (self.block.codes[self.place], self.block.node, self.block.values[column])
        cell, value, count = count_values(self.cells, rows, self.domain, kinds)
        ends = np.unique(np.concatenate([self.cells.first[1:] - 1, self.cuts.cell]))
        group = np.searchsorted(ends, cell)
        shape = (len(ends), kinds)
        counts = np.bincount(group * kinds + value, weights=count, minlength=len(ends) * kinds).reshape(shape)
        running = np.concatenate([np.zeros((1, kinds), np.int64), np.cumsum(counts.astype(np.int64), axis=0)])
        last = np.searchsorted(ends, self.cells.first[1:] - 1) + 1
        begin = running[np.concatenate([[0], last[:-1]])]
        left = running[np.searchsorted(ends, self.cuts.cell) + 1] - begin[self.cuts.node]
        left -= self._tied_right(column, kinds)
        return left, (running[last] - begin)[self.cuts.node] - left

    def _tied_right(self, column: int, kinds: int) -> Integers:
        """Values of those rows of a cut's cell that go right, because the cut lies inside the cell [m, kinds]."""
        block, right = self.block, np.zeros((len(self.cuts.cell), kinds), np.int64)
        split = np.flatnonzero(self.cuts.split)
        codes, values = block.codes[self.place], block.values[column].astype(np.int64)
        while len(split):
            node, first = np.unique(self.cuts.node[split], return_index=True)
            turn = split[first]
            cuts = no_cuts(block.nodes)
            cuts.code[node] = self.cells.code[self.cuts.cell[turn]]
            cuts.ties[node], cuts.split[node] = self.cuts.ties[turn], True
            tied = np.flatnonzero(cuts.split[block.node] & (codes == cuts.code[block.node]))
            stay = goes_left(codes[tied], block.node[tied], cuts)
            rows = tied[~stay]
            counts = np.bincount(block.node[rows] * kinds + values[rows], minlength=block.nodes * kinds)
            right[turn] = counts.reshape(block.nodes, kinds)[node]
            split = np.delete(split, first)
        return right
