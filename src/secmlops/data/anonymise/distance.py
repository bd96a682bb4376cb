"""The earth mover's distance between a class and the whole table, for the three ground distances of t-closeness.

N. Li, T. Li and S. Venkatasubramanian, t-Closeness: Privacy Beyond k-Anonymity and l-Diversity, ICDE 2007, section 4.
Each takes ``excess`` [m, values], the share of each value in a class less its share in the whole, and returns [m]
distances from 0 to 1.
"""

import numpy as np
import numpy.typing as npt

from secmlops.data.anonymise.tree import Tree

Excess = npt.NDArray[np.float64]
Distance = npt.NDArray[np.float64]


def equal_distance(excess: Excess) -> Distance:
    """All values are equally far apart: the variational distance."""
    half: Distance = np.abs(excess).sum(axis=1) / 2
    return half


def ordered_distance(excess: Excess) -> Distance:
    """Values are as far apart as their places in the order, the columns of ``excess``."""
    moved: Distance = np.abs(np.cumsum(excess, axis=1)).sum(axis=1) / max(1, excess.shape[1] - 1)
    return moved


def tree_distance(excess: Excess, tree: Tree) -> Distance:
    """Values are as far apart as the height of their lowest common group; columns are the leaves of ``tree``.

    What a group cannot balance among its own parts must be moved beyond it.
    """
    distance = np.zeros(len(excess))
    parts = excess
    for depth in range(tree.height - 1, -1, -1):
        inside = tree.groups[depth][tree.starts[depth + 1]]
        first = np.flatnonzero(np.diff(inside, prepend=-1))
        gained = np.add.reduceat(np.maximum(parts, 0), first, axis=1)
        lost = np.add.reduceat(np.maximum(-parts, 0), first, axis=1)
        distance += (tree.height - depth) / tree.height * np.minimum(gained, lost).sum(axis=1)
        parts = gained - lost
    return distance
