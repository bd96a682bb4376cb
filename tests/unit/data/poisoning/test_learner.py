import numpy as np
import pytest

from kits.poison_world import examples
from secmlops.data.poisoning.learner import Learner, design_of, folds
from secmlops.runtime.signature import Inputs

GIVEN = examples(800)
DESIGN = design_of(GIVEN.inputs)
EVERY = np.arange(800)


def test_rows_it_has_not_seen_are_told_apart() -> None:
    outputs = Learner().out_of_fold(DESIGN, GIVEN.target)
    assert outputs.shape == (800, 2)
    assert np.allclose(outputs.sum(axis=1), 1)
    assert (outputs.argmax(axis=1) == GIVEN.target).mean() > 0.8


def test_out_of_fold_a_label_does_not_vouch_for_itself() -> None:
    noise = np.random.default_rng(0).integers(2, size=800)
    assert (Learner().out_of_fold(DESIGN, noise).argmax(axis=1) == noise).mean() < 0.6


def test_a_class_that_was_not_learned_gets_the_least() -> None:
    labels = np.where(EVERY < 10, 2, GIVEN.target)
    outputs = Learner().predict(DESIGN, labels, EVERY[10:], EVERY[:10])
    assert outputs.shape == (10, 3)
    assert outputs[:, 2].max() < 0.01


def test_a_single_class_is_certain() -> None:
    outputs = Learner().predict(DESIGN, GIVEN.target, np.flatnonzero(GIVEN.target == 1), EVERY[:5])
    assert outputs[:, 1].min() > 0.99


def test_nothing_asked_is_nothing_answered() -> None:
    assert Learner().predict(DESIGN, GIVEN.target, EVERY, EVERY[:0]).shape == (0, 2)


def test_each_row_is_asked_about_once_and_classes_are_shared_out() -> None:
    parts = list(folds(GIVEN.target, 5, np.random.default_rng(0)))
    assert sorted(np.concatenate([asked for _, asked in parts]).tolist()) == EVERY.tolist()
    for known, asked in parts:
        assert not np.intersect1d(known, asked).size
        assert GIVEN.target[asked].mean() == pytest.approx(GIVEN.target.mean(), abs=0.01)


def test_categories_are_numbered_from_the_commonest_and_missing_numbers_stay() -> None:
    texts = np.array([["b"], ["a"], ["b"], ["c"], ["b"], ["c"]], object)
    numbers = np.array([[1], [np.nan], [2], [3], [4], [5]], np.float32)
    design = design_of(Inputs(numbers, texts))
    assert design[:, 1].tolist() == [0, 2, 0, 1, 0, 1]
    assert np.isnan(design[1, 0])


def test_there_may_be_numbers_only() -> None:
    assert design_of(Inputs(np.ones((3, 2), np.float32), np.empty((3, 0), object))).shape == (3, 2)
