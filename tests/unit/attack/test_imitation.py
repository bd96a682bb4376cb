"""What thieves know of a model, and what their copies are worth."""

import numpy as np
import pytest

from secmlops.attack.agreement import agreement
from secmlops.attack.imitation import Linear, Logistic, Radial, Space, best_agreement, labels_only
from secmlops.runtime.signature import Inputs

GENERATOR = np.random.default_rng(0)
NUMERIC = GENERATOR.normal(size=(300, 3)).astype(np.float32)
COLOURS = np.array(["red", "green", ""], object)[GENERATOR.integers(3, size=(300, 1))]
ROWS = Inputs(NUMERIC, COLOURS)


def scores(margins):
    yes = 1 / (1 + np.exp(-margins))
    return np.stack([1 - yes, yes], axis=1)


def test_drawn_rows_keep_to_the_ranges_and_categories():
    space = Space.of(ROWS)
    drawn = space.draw(500, np.random.default_rng(1))
    assert (drawn.numeric >= NUMERIC.min(axis=0) - 1e-6).all()
    assert (drawn.numeric <= NUMERIC.max(axis=0) + 1e-6).all()
    assert set(drawn.categorical[:, 0]) == {"red", "green", ""}


def test_missing_numbers_and_constant_columns_make_no_nan():
    numeric = NUMERIC.copy()
    numeric[::2, 0], numeric[:, 1], numeric[:, 2] = np.nan, np.nan, 7
    rows = Inputs(numeric, COLOURS)
    space = Space.of(rows)
    assert np.isfinite(space.design(rows)).all()
    assert np.isfinite(space.draw(5, GENERATOR).numeric).all()


@pytest.mark.parametrize("rows", [Inputs(NUMERIC, np.empty((300, 0), object)), Inputs(NUMERIC[:, :0], COLOURS)])
def test_columns_of_one_kind_only(rows):
    space = Space.of(rows)
    assert len(space.design(space.draw(9, GENERATOR))) == 9


def test_a_linear_model_is_copied_by_the_linear_copy():
    design = Space.of(ROWS).design(ROWS)
    truth = scores(2 * design[:, 0] - design[:, 1] + design[:, 3])
    copy = Linear.learn(design[:100], truth[:100])
    assert agreement(truth[100:], copy.predict(design[100:])) > 0.9


def test_a_logistic_model_is_copied_to_its_weights():
    design = Space.of(ROWS).design(ROWS)
    margin = 2 * design[:, 0] - design[:, 1] + design[:, 3] + 0.4
    copy = Logistic.learn(design[:60], scores(margin[:60]))
    assert np.ptp(copy.predict(design[60:])[:, 1] - margin[60:]) < 0.05 * np.ptp(margin)
    assert agreement(scores(margin[60:]), copy.predict(design[60:])) > 0.99


@pytest.mark.parametrize("kind", [scores, lambda margins: labels_only(scores(margins))])
def test_separable_labels_and_three_classes_do_not_blow_up(kind):
    design = Space.of(ROWS).design(ROWS)
    copy = Logistic.learn(design, kind(40 * design[:, 0]))
    assert np.isfinite(copy.weights).all()
    assert agreement(scores(40 * design[:, 0]), copy.predict(design)) > 0.95
    three = np.eye(3)[np.digitize(design[:, 0], [-0.5, 0.5])]
    assert agreement(three, Logistic.learn(design, three).predict(design)) > 0.6
    assert np.isfinite(Logistic.learn(design, np.eye(2)[np.ones(300, int)]).weights).all()


def test_a_bent_model_is_copied_better_by_the_radial_copy():
    design = Space.of(ROWS).design(ROWS)
    truth = scores(4 * (np.abs(design[:, 0]) - 0.7))
    linear, radial = (kind.learn(design[:200], truth[:200]).predict(design[200:]) for kind in (Linear, Radial))
    assert agreement(truth[200:], radial) > agreement(truth[200:], linear) + 0.15
    best = best_agreement(design[:200], truth[:200], design[200:], truth[200:])
    assert best == agreement(truth[200:], radial)


def test_always_naming_the_commonest_class_is_worth_a_half():
    truth = scores(np.array([-1.0] * 95 + [1.0] * 5))
    assert agreement(truth, scores(np.full(100, -1.0))) == 0.5
    assert agreement(truth, truth) == 1


def test_of_a_regression_it_is_r_squared():
    truth = np.arange(10.0)[:, None]
    assert agreement(truth, truth) == 1
    assert agreement(truth, np.full((10, 1), 4.5)) == 0
    assert agreement(truth, 100 - truth) == 0
    assert agreement(np.ones((3, 1)), np.ones((3, 1))) == 1


def test_labels_tell_the_class_only():
    assert labels_only(np.array([[0.2, 0.8], [0.6, 0.4]])).tolist() == [[0, 1], [1, 0]]
    assert labels_only(np.array([[3.5]])).tolist() == [[3.5]]
