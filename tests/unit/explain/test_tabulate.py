"""Tables are bounded; leaves that nothing is asked for are part of the base."""

import numpy as np
import pytest

from kits.explain_world import signature_of
from secmlops.core.task import Task
from secmlops.explain import tabulate as room
from secmlops.explain.columns import Encoder, Number
from secmlops.explain.paths import TreePaths
from secmlops.explain.reading import UnreadableError
from secmlops.explain.tabulate import background_rows, tabulate
from secmlops.explain.trees import Trees
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature


def chain(depth: int) -> Trees:
    """One tree: each branch asks about another column, and only the last leaf is worth something."""
    nodes = 2 * depth + 1
    leaf = np.array([number % 2 == 1 or number == nodes - 1 for number in range(nodes)])
    parent = np.array([-1] + [2 * ((number - 1) // 2) for number in range(1, nodes)], np.intp)
    return Trees(
        column=np.where(leaf, 0, np.arange(nodes) // 2).astype(np.int32),
        threshold=np.zeros(nodes, np.float32),
        operator=np.zeros(nodes, np.uint8),
        missing=np.zeros(nodes, np.uint8),
        parent=parent,
        true=np.arange(nodes) % 2 == 1,
        leaf=leaf,
        values=np.where(np.arange(nodes) == nodes - 1, 1.0, 0.0)[:, None],
        intercept=np.zeros(1),
    )


def test_a_path_of_too_many_features_is_unreadable() -> None:
    rows = np.zeros((2, 31), np.float32)
    trees = chain(31)
    with pytest.raises(UnreadableError, match="31 features"):
        tabulate(trees, rows, np.arange(31), trees.values, trees.intercept)
    same = tabulate(trees, rows, np.arange(31) // 2, trees.values, trees.intercept)
    assert same["path_features"].max() == 16


def test_a_tree_of_one_leaf_only_moves_the_base() -> None:
    one = Trees(
        column=np.zeros(1, np.int32),
        threshold=np.zeros(1, np.float32),
        operator=np.zeros(1, np.uint8),
        missing=np.zeros(1, np.uint8),
        parent=np.array([-1]),
        true=np.zeros(1, np.bool_),
        leaf=np.ones(1, np.bool_),
        values=np.array([[2.0]]),
        intercept=np.array([0.5]),
    )
    arrays = tabulate(one, np.zeros((3, 1), np.float32), np.zeros(1, np.intp), one.values, one.intercept)
    paths = TreePaths(arrays, Encoder([Number(0)]), signature_of(Task.REGRESSION))
    rows = Inputs(np.zeros((2, 3), np.float32), np.array([["a", "b"]] * 2, object))
    assert paths.base(np.zeros(2, np.intp)).tolist() == [2.5, 2.5]
    assert not paths.contributions(rows, np.zeros(2, np.intp)).any()


def test_a_large_forest_gets_fewer_background_rows_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = chain(9)
    assert background_rows(trees, 100) == 100
    monkeypatch.setattr(room, "MAX_PATTERNS", 300)
    assert background_rows(trees, 100) == 30
    monkeypatch.setattr(room, "MAX_PATTERNS", 100)
    assert background_rows(trees, 5) == 5
    with pytest.raises(UnreadableError, match="room"):
        background_rows(trees, 100)


@pytest.mark.parametrize("depth", [1, 8, 9, 12, 30])
def test_long_paths_share_out_their_leaf_among_all_their_features(depth: int) -> None:
    """The last leaf is reached when all features are above 0: each has an equal part in getting there, or in not."""
    trees = chain(depth)
    features = tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(depth))
    signature = Signature(task=Task.REGRESSION, features=features)
    encoder = Encoder([Number(i) for i in range(depth)])
    below, above = np.full((1, depth), -1, np.float32), np.full((1, depth), 1, np.float32)
    for background, row, total in ((below, above, 1.0), (above, below, -1.0)):
        arrays = tabulate(trees, background, np.arange(depth), trees.values, trees.intercept)
        paths = TreePaths(arrays, encoder, signature)
        found = paths.contributions(Inputs(row, np.empty((1, 0), object)), np.zeros(1, np.intp))
        np.testing.assert_allclose(found, total / depth)
