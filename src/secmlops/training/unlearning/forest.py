"""A random forest that forgets exactly: only the trees that see other rows than before are grown again.

A bootstrap draws places in a table, so without one row every tree would get other rows. Here a tree sees a row or not
by a hash of the tree's number and the row's own content (as in DaRE, Brophy and Lowd, ICML 2021, by subsampling instead
of fixed samples). A tree that sees the same rows in the same order is the same tree, bit by bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.tree._tree import Tree

from secmlops.core.errors import InputError
from secmlops.runtime.row_keys import Keys, mixed, told_apart

Design = npt.NDArray[np.float32]
Target = npt.NDArray[np.int64] | npt.NDArray[np.float64]
DecisionTree: TypeAlias = DecisionTreeClassifier | DecisionTreeRegressor
Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Growth:
    """How a forest is grown: number of trees, the share of the rows that each one sees, and bounds on a tree.

    Two fifths of the rows are as many different ones as a bootstrap of half the rows has.
    """

    trees: int = 100
    share: float = 0.4
    leaf: int = 5
    depth: int = 14
    seed: int = 0

    def __post_init__(self) -> None:
        if self.trees < 1 or not 0 < self.share <= 1 or self.leaf < 1 or self.depth < 1 or not 0 <= self.seed < 2**32:
            raise InputError("a forest has trees, a share in (0, 1], leaves of a row or more, and a seed below 2**32")

    def samples(self, keys: Keys) -> npt.NDArray[np.bool_]:
        """Which rows each tree sees, bool [trees, n], by the keys [n] of their content."""
        numbers = mixed(np.arange(self.trees, dtype=np.uint64) + np.uint64(self.seed) * np.uint64(1 << 32))
        drawn = mixed(numbers[:, None] ^ told_apart(keys)[None, :])
        chosen: npt.NDArray[np.bool_] = (drawn >> np.uint64(11)).astype(np.float64) * 2.0**-53 < self.share
        return chosen


def grow(
    design: Design, target: Target, keys: Keys, growth: Growth, kept: Mapping[int, DecisionTree] | None = None
) -> RandomForestClassifier | RandomForestRegressor:
    """Grow a forest on rows [n, d] with classes 0 to k - 1 or quantities [n]; trees ``kept`` by number are taken over.

    Raises InputError when a tree would see no row.
    """
    samples, classifies = growth.samples(keys), target.dtype.kind in "iu"
    known = kept or {}
    trees = [known.get(n) or _tree(design, target, samples[n], (growth, n)) for n in range(growth.trees)]
    forest: Any = RandomForestClassifier() if classifies else RandomForestRegressor()
    forest.set_params(n_estimators=growth.trees, random_state=growth.seed)
    forest.estimators_, forest.n_outputs_, forest.n_features_in_ = trees, 1, design.shape[1]
    if classifies:
        forest.classes_ = np.unique(target)
        forest.n_classes_ = len(forest.classes_)
    return forest


def unaffected(before: Keys, now: Keys, growth: Growth) -> list[int]:
    """Numbers of the trees to which rows with the keys ``now`` look just as those with the keys ``before`` did."""
    earlier, later = growth.samples(before), growth.samples(now)
    return [n for n in range(growth.trees) if np.array_equal(before[earlier[n]], now[later[n]])]


def trees_to_arrays(forest: RandomForestClassifier | RandomForestRegressor) -> Arrays:
    """The trees of a forest as arrays without objects."""
    states = [tree.tree_.__getstate__() for tree in forest.estimators_]
    return {
        "nodes": np.concatenate([state["nodes"] for state in states]),
        "values": np.concatenate([state["values"] for state in states]),
        "counts": np.array([state["node_count"] for state in states], np.int64),
        "depths": np.array([state["max_depth"] for state in states], np.int64),
        "width": np.array([forest.n_features_in_], np.int64),
        "classes": np.asarray(getattr(forest, "classes_", np.zeros(0, np.int64)), np.int64),
    }


def trees_from_arrays(arrays: Arrays, numbers: list[int]) -> dict[int, DecisionTree]:
    """Those trees of ``trees_to_arrays`` that have these ``numbers``."""
    ends = np.cumsum(arrays["counts"])
    return {n: _restored(arrays, n, slice(int(ends[n] - arrays["counts"][n]), int(ends[n]))) for n in numbers}


def _restored(arrays: Arrays, number: int, place: slice) -> DecisionTree:
    classes, width = arrays["classes"], int(arrays["width"][0])
    inner = Tree(width, np.array([max(1, len(classes))], np.intp), 1)
    inner.__setstate__(
        {
            "max_depth": int(arrays["depths"][number]),
            "node_count": int(arrays["counts"][number]),
            "nodes": arrays["nodes"][place],
            "values": arrays["values"][place],
        }
    )
    tree: Any = DecisionTreeClassifier() if len(classes) else DecisionTreeRegressor()
    tree.tree_, tree.n_features_in_, tree.n_outputs_ = inner, width, 1
    if len(classes):
        tree.classes_, tree.n_classes_ = classes, len(classes)
    restored: DecisionTree = tree
    return restored


def _tree(design: Design, target: Target, rows: npt.NDArray[np.bool_], grown: tuple[Growth, int]) -> DecisionTree:
    growth, number = grown
    if not rows.any():
        raise InputError(f"tree {number} would see no row", hint="give more rows")
    settings = {
        "min_samples_leaf": growth.leaf,
        "max_depth": growth.depth,
        "random_state": (growth.seed + number) % 2**32,
    }
    tree: Any = (
        DecisionTreeClassifier(**settings, max_features="sqrt")
        if target.dtype.kind in "iu"
        else DecisionTreeRegressor(**settings, max_features=1 / 3)
    )
    # rows of weight 0 are not looked at, and every tree knows every class
    grown_tree: DecisionTree = tree.fit(design, target, sample_weight=rows.astype(np.float64), check_input=False)
    return grown_tree
