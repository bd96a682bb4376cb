"""Forests learn what rows and scores show, and nothing else."""

import numpy as np
import pytest

from secmlops.attack.forest import Forest, Shape

GENERATOR = np.random.default_rng(0)
ROWS = GENERATOR.normal(size=(800, 5))


def learned(rows, scores, shape=None, seed=1):
    return Forest.learn(rows, scores, np.random.default_rng(seed), shape)


def pair(yes):
    return np.stack([1 - yes, yes], axis=1).astype(float)


def test_a_bent_boundary_is_learned():
    truth = (ROWS[:, 0] * ROWS[:, 1] > 0).astype(float)
    forest = learned(ROWS[:600], pair(truth[:600]))
    called = forest.predict(ROWS[600:])[:, 1] > 0.5
    assert (called == truth[600:]).mean() > 0.8


def test_classes_and_quantities_are_means_of_what_was_shown():
    three = np.eye(3)[np.digitize(ROWS[:, 2], [-0.5, 0.5])]
    shown = learned(ROWS[:600], three[:600]).predict(ROWS[600:])
    assert shown.sum(axis=1) == pytest.approx(1)
    assert (shown.argmax(axis=1) == three[600:].argmax(axis=1)).mean() > 0.9
    quantity = 5 + ROWS[:, :1]
    told = learned(ROWS[:600], quantity[:600]).predict(ROWS[600:])
    assert np.corrcoef(told[:, 0], quantity[600:, 0])[0, 1] > 0.95
    assert told.min() >= quantity.min()
    assert told.max() <= quantity.max()


def test_leaves_have_the_least_rows_and_one_tree_is_the_mean_of_its_leaf():
    scores = pair(GENERATOR.random(800) < 0.5)
    tree = learned(ROWS, scores, Shape(trees=1, depth=4, least=30))
    shown, places = np.unique(tree.predict(ROWS), axis=0, return_inverse=True)
    assert 1 < len(shown) <= 16
    assert np.bincount(places).min() >= 30
    for place, mean in enumerate(shown):
        assert mean == pytest.approx(scores[places == place].mean(axis=0))


def test_rows_that_cannot_be_split_share_one_leaf():
    same = np.ones((40, 3))
    scores = pair(np.arange(40) % 4 == 0)
    assert learned(same, scores).predict(same[:1]) == pytest.approx(np.array([[0.75, 0.25]]))
    assert learned(ROWS[:1], scores[:1]).predict(ROWS[:5]) == pytest.approx(np.repeat(scores[:1], 5, axis=0))


def test_the_same_seed_grows_the_same_forest():
    scores = pair(ROWS[:, 0] > 0)
    one, other, different = (learned(ROWS, scores, seed=seed).predict(ROWS) for seed in (1, 1, 2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, different)
