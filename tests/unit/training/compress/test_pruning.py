"""Pruning, where it is known what should go and what the rest should say."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

from kits.trees import NUMBERS, TRUTH, Trees, answers, trees_of
from secmlops.core.task import Task
from secmlops.runtime.signature import Signature
from secmlops.training.compress.pruning import Kind, Lessons, prune_leaves, prune_trees
from secmlops.training.export import export


def test_a_forest_of_twins_is_halved_without_a_change(forest: Trees, signature: Signature) -> None:
    _, _, trees = forest
    twice = trees.keep(np.array([0, 1, 2, 3, 0, 1, 2, 3, 3, 3]), np.full(10, 1.0))
    halved = prune_trees(twice, 0.5, Kind.FOREST, Lessons(NUMBERS, TRUTH))
    assert len(halved.roots) == 4
    assert answers(forest, halved, signature) == pytest.approx(answers(forest, twice, signature), abs=1e-6)


def test_the_tree_that_knows_the_truth_is_kept(forest: Trees) -> None:
    _, _, trees = forest
    noisy = trees.keep(np.arange(10), np.array([1.0] * 3 + [0.1] * 3 + [1.0] * 4))  # three vote no on every row
    kept = prune_trees(noisy, 0.7, Kind.FOREST, Lessons(NUMBERS, TRUTH))
    assert len(kept.roots) == 7
    assert kept.values.max(initial=0) > 0.12  # the rest has all the say
    worst = (noisy.answers(NUMBERS).sum(axis=0) - TRUTH) ** 2
    assert ((kept.answers(NUMBERS).sum(axis=0) - TRUTH) ** 2).mean() < worst.mean()


def test_a_tree_is_asked_only_about_rows_that_it_did_not_learn_from(forest: Trees) -> None:
    _, _, trees = forest
    unseen = np.zeros((10, 300), bool)
    unseen[4] = True  # only one can be judged, and all others count for nothing
    kept = prune_trees(trees, 0.1, Kind.FOREST, Lessons(NUMBERS, TRUTH, unseen))
    assert np.array_equal(kept.values, trees.keep(np.array([4]), np.array([10.0])).values)


@pytest.mark.parametrize("classes", [2, 3])
def test_boosting_keeps_its_first_rounds(plain: Callable, classes: int) -> None:
    target = np.digitize(NUMBERS[:, 0], [0.0, 0.5][: classes - 1])
    names = tuple("abc"[:classes])
    task = Task.BINARY if classes == 2 else Task.MULTICLASS
    signature = Signature(task=task, features=plain(3).features, classes=names)
    whole = GradientBoostingClassifier(n_estimators=8, random_state=0).fit(NUMBERS, target)
    expected = list(whole.staged_predict_proba(NUMBERS))[3]
    trees = trees_of(export(whole, signature))
    kept = prune_trees(trees[2], 0.5, Kind.BOOSTING, Lessons(NUMBERS, np.zeros((300, 1))))
    assert answers(trees, kept, signature) == pytest.approx(expected, abs=1e-5)


def test_leaves_that_say_the_same_go_first_and_cost_nothing(forest: Trees, signature: Signature) -> None:
    _, _, trees = forest
    shallow = prune_leaves(trees, 0.5, NUMBERS)
    leaves = int(trees.leaf.sum())
    assert int(shallow.leaf.sum()) <= np.ceil(leaves / 2)
    deep = trees.keep(np.arange(10), np.ones(10))
    deep.values[:] = np.where(deep.leaf[:, None], 0.05, 0.0)
    stumps = prune_leaves(deep, 10.5 / leaves, NUMBERS)
    assert int(stumps.leaf.sum()) <= 11
    assert answers(forest, stumps, signature) == pytest.approx(answers(forest, deep, signature), abs=1e-6)


def test_a_tree_of_three_leaves_loses_its_weakest_link(plain: Callable) -> None:
    step = np.select([NUMBERS[:, 0] < -0.5, NUMBERS[:, 0] < 0.7], [0.0, 10.0], 10.5)
    one = GradientBoostingRegressor(n_estimators=1, learning_rate=1.0, max_leaf_nodes=3, max_depth=None, init="zero")
    trees = trees_of(export(one.fit(NUMBERS, step), plain(3)))
    assert int(trees[2].leaf.sum()) == 3
    left = answers(trees, prune_leaves(trees[2], 0.6, NUMBERS), plain(3))[:, 0]
    above = step > 5
    assert left == pytest.approx(np.where(above, step[above].mean(), 0.0), rel=1e-6)
