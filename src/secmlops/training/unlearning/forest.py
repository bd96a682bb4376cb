"""Forgetting exactly in a forest: only the trees whose sample held a row are grown again.

That takes samples that do not shift when a row leaves. A bootstrap draws places in a table, so without one row every
tree would get other ones; here a row is in a tree's sample or not by a hash of the tree's seed and the row's own key.
Trees that never saw the row are then just those of a forest that is grown without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.tree import DecisionTreeClassifier

from secmlops.core.errors import InputError

Keys = npt.NDArray[np.uint64]
"""A number [n] for each row that is its own and stays: of its identity or its bytes, never its place."""
Matrix = npt.NDArray[np.float64]
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


@dataclass(frozen=True, slots=True)
class Growth:
    """How a forest is grown: number of trees, the share of the rows that each one sees, least rows of a leaf, seed."""

    trees: int = 100
    share: float = 0.5
    leaf: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        if self.trees < 1 or not 0 < self.share <= 1 or self.leaf < 1 or not 0 <= self.seed < 2**31:
            raise InputError("a forest has trees, a share in (0, 1], leaves of a row or more, and a seed below 2**31")


@dataclass(frozen=True, slots=True)
class Forest:
    """Classification trees; an answer is the mean of their probabilities [n, k]."""

    growth: Growth
    trees: tuple[DecisionTreeClassifier, ...]
    classes: int

    def predict(self, design: Matrix) -> Matrix:
        """Probabilities [n, k]."""
        total = np.zeros((len(design), self.classes))
        for tree in self.trees:
            total[:, tree.classes_] += tree.predict_proba(design)
        return total / len(self.trees)


def grow(design: Matrix, target: npt.NDArray[np.int64], keys: Keys, classes: int, growth: Growth) -> Forest:
    """Grow a forest on rows [n, d] with class indices [n]. Raises InputError when a tree would see no row."""
    sampled = samples(keys, growth)
    return Forest(growth, tuple(_tree(design, target, rows, growth, t) for t, rows in enumerate(sampled)), classes)


def forget(
    forest: Forest, design: Matrix, target: npt.NDArray[np.int64], keys: Keys, gone: Keys
) -> tuple[Forest, Sequence[int]]:
    """Return the forest without the rows of the keys ``gone``, and which trees were grown again.

    ``design``, ``target`` and ``keys`` are of the rows that stay, in their old order. The result is, bit by bit, what
    ``grow`` gives for them.
    """
    affected = np.flatnonzero(samples(gone, forest.growth).any(axis=1)).tolist()
    sampled, trees = samples(keys, forest.growth), list(forest.trees)
    for number in affected:
        trees[number] = _tree(design, target, sampled[number], forest.growth, number)
    return replace(forest, trees=tuple(trees)), affected


def samples(keys: Keys, growth: Growth) -> npt.NDArray[np.bool_]:
    """Which rows each tree sees, bool [trees, n]: by SplitMix64 (Steele, Lea and Flood 2014) of seed, tree and key."""
    seeds = _mixed(np.arange(growth.trees, dtype=np.uint64) + np.uint64(growth.seed) * np.uint64(1 << 32))
    drawn = _mixed(seeds[:, None] ^ keys[None, :])
    chosen: npt.NDArray[np.bool_] = (drawn >> np.uint64(11)).astype(np.float64) * 2.0**-53 < growth.share
    return chosen


def _mixed(values: Keys) -> Keys:
    with np.errstate(over="ignore"):
        mixed = values + _GAMMA
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[0]
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[1]
        return mixed ^ (mixed >> np.uint64(31))


def _tree(
    design: Matrix, target: npt.NDArray[np.int64], rows: npt.NDArray[np.bool_], growth: Growth, number: int
) -> Any:
    if not rows.any():
        raise InputError(f"tree {number} would see no row", hint="raise the share, or give more rows")
    seed = (growth.seed + number) % 2**31
    tree = DecisionTreeClassifier(min_samples_leaf=growth.leaf, max_features="sqrt", random_state=seed)
    return tree.fit(design[rows], target[rows])
