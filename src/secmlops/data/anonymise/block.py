"""A set of rows, each in one of many nodes, and how cuts sort them into smaller nodes."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from secmlops.data.anonymise.cells import Codes, Integers
from secmlops.data.anonymise.privacy import Mask


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """The cut of each node: rows of ``attribute`` below ``code`` go left, and the first ``ties`` rows of ``code``.

    Each [nodes]; ``attribute`` is -1 where a node stays whole. ``split`` says that rows of the one code go both ways:
    the cuts are relaxed (LeFevre, DeWitt and Ramakrishnan, Mondrian Multidimensional K-Anonymity, ICDE 2006, 2.2).
    """

    attribute: Integers
    code: Integers
    ties: Integers
    split: Mask


def no_cuts(nodes: int) -> Cuts:
    """Every node stays whole."""
    return Cuts(np.full(nodes, -1), np.zeros(nodes, np.int64), np.zeros(nodes, np.int64), np.zeros(nodes, bool))


@dataclass(frozen=True, slots=True, eq=False)
class Leaves:
    """Finished nodes: their ``rows`` [n] of the table, and to which of ``count`` nodes each belongs, ``node`` [n]."""

    rows: Codes
    node: Codes
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows ``rows`` [n] of the table, each in the node ``node`` [n] below ``nodes``, or finished where that is -1.

    ``codes`` [attributes, n] are their quasi-identifiers, ``values`` [columns, n] their sensitive values.
    """

    rows: Codes = field(repr=False)
    codes: Codes = field(repr=False)
    values: Codes = field(repr=False)
    node: Codes = field(repr=False)
    nodes: int

    @property
    def sizes(self) -> Integers:
        """Rows of each node [nodes]."""
        return np.bincount(self.node, minlength=self.nodes)

    @property
    def is_empty(self) -> bool:
        """Whether no rows are left."""
        return not len(self.rows)

    def cut(self, cuts: Cuts) -> "Block":
        """The same rows in the nodes that ``cuts`` make: two in place of each that is cut, left before right."""
        is_cut = cuts.attribute >= 0
        place = np.maximum(cuts.attribute, 0)[self.node] * len(self.rows) + np.arange(len(self.rows))
        codes = self.codes.ravel().take(place)
        right = is_cut[self.node] & ~goes_left(codes, self.node, cuts)
        first = (np.cumsum(is_cut) - is_cut + np.arange(self.nodes)).astype(np.int32)
        return Block(self.rows, self.codes, self.values, first[self.node] + right, self.nodes + int(is_cut.sum()))

    def without(self, finished: Mask) -> tuple["Block", Leaves]:
        """The block without the nodes that are ``finished`` [nodes], and these."""
        gone = finished[self.node]
        kept, out = np.flatnonzero(~gone), np.flatnonzero(gone)
        place = (np.cumsum(~finished) - 1).astype(np.int32)
        leaf = (np.cumsum(finished) - 1).astype(np.int32)
        return self.taken(kept, place[self.node[kept]], int(np.count_nonzero(~finished))), Leaves(
            self.rows[out], leaf[self.node[out]], int(np.count_nonzero(finished))
        )

    def taken(self, places: npt.NDArray[np.intp], node: Codes, nodes: int) -> "Block":
        """Some rows of the block, and the nodes they are now in."""
        codes, values = self.codes.take(places, axis=1), self.values.take(places, axis=1)
        return Block(self.rows[places], codes, values, node, nodes)


def goes_left(codes: Codes, node: Codes, cuts: Cuts) -> Mask:
    """Whether each row goes left [n]; ``codes`` [n] are those of the attribute by which its node is cut."""
    threshold = cuts.code.astype(np.int32)[node]
    left: Mask = codes <= threshold
    if not cuts.split.any():
        return left
    tied = np.flatnonzero((codes == threshold) & cuts.split[node])
    order = np.argsort(_short(node[tied], len(cuts.code)), kind="stable")
    places = node[tied[order]]
    counts = np.bincount(places, minlength=len(cuts.code))
    rank = np.arange(len(tied)) - (np.cumsum(counts) - counts)[places]
    left[tied[order]] = rank < cuts.ties[places]
    return left


def _short(node: Codes, nodes: int) -> Codes | npt.NDArray[np.uint16]:
    """The same numbers in 16 bits where they fit: these are sorted by radix, in linear time."""
    return node.astype(np.uint16) if nodes <= 1 << 16 else node
