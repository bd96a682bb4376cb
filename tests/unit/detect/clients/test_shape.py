"""The shape of honest rows."""

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.detect.clients.shape import Shape

GENERATOR = np.random.default_rng(0)
BASE = GENERATOR.normal(size=(4000, 1))
ROWS = np.concatenate([3 + 2 * BASE, BASE + 0.1 * GENERATOR.normal(size=(4000, 1)), 0 * BASE + 7], axis=1)
SHAPE = Shape.of(ROWS.astype(np.float32))


def test_rows_are_standardised_and_a_constant_column_stays_where_it_is():
    scaled = SHAPE.scaled(ROWS.astype(np.float32))
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(scaled.std(axis=0), [1, 1, 0], atol=1e-4)


def test_infinity_and_nan_are_far_and_finite():
    scaled = SHAPE.scaled(np.array([[np.inf, -np.inf, np.nan]], np.float32))
    assert np.isfinite(scaled).all()
    assert (np.abs(scaled) == 100).all()


def test_against_a_correlation_it_is_farther_than_along_it():
    along, against = SHAPE.turned(np.array([[1, 1, 0], [1, -1, 0]], np.float32))
    assert np.linalg.norm(against) > 3 * np.linalg.norm(along)


def test_a_way_is_cut_to_its_longest():
    ways = np.array([[9, 9, 0], [0.1, 0.1, 0], [0, 0, 0]], np.float32)
    cut = SHAPE.shortened(ways, 1.5)
    assert np.linalg.norm(SHAPE.turned(cut[:1])) == pytest.approx(1.5, rel=1e-4)
    np.testing.assert_array_equal(cut[1:], ways[1:])


def test_p_values_of_values_drawn_anew_are_about_uniform():
    values = GENERATOR.normal(size=2000)
    p_values = np.array([SHAPE.outlying(0, value, 0.0, 0.0) for value in values])
    for level in (0.01, 0.05, 0.2, 0.5):
        assert (p_values <= level).mean() <= level + 0.03


def test_a_change_is_judged_among_changes_only():
    lumpy = np.where(np.arange(1000) % 10, 0.0, 1.0).astype(np.float32)[:, None]
    shape = Shape.of(lumpy)
    one, zero = (float(value) for value in shape.scaled(np.array([[1.0], [0.0]], np.float32))[:, 0])
    assert shape.outlying(0, one, base=zero, slack=0.1) == 1
    assert shape.outlying(0, one + 5, base=zero, slack=0.1) < 0.05


def test_rows_that_are_not_finite_are_refused():
    with pytest.raises(InputError):
        Shape.of(np.array([[np.nan], [1.0]], np.float32))


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e6])
def test_a_constant_column_scales_no_rounding_up(constant: float):
    """Its spread once turned is that of rounding: divided by it, a step of 1e-14 would be the longest of all."""
    generator = np.random.default_rng(1)
    rows = generator.poisson(1.0, (500, 12)) @ generator.uniform(0, 1, (12, 12))
    rows = np.concatenate([rows[:, :6], np.full((500, 3), constant), rows[:, 6:], np.full((500, 1), 0.0889)], axis=1)
    shape = Shape.of(rows.astype(np.float32))
    assert np.linalg.norm(shape.turn, axis=0).max() < 10
    turned = shape.turned(shape.scaled(rows.astype(np.float32)))
    np.testing.assert_allclose(turned.std(axis=0), [1] * 6 + [0] * 3 + [1] * 6 + [0], atol=1e-3)
    step = np.zeros((1, 16), np.float32)
    step[0, 6] = 1
    np.testing.assert_allclose(shape.turned(step), step, atol=1e-3)
