import numpy as np
import pytest

from secmlops.data.poisoning.rectangles import Limits, best_rectangles, deficit, rectangle_count
from secmlops.detect.slices.grid import axes
from secmlops.runtime.signature import Inputs

RNG = np.random.default_rng(0)
NUMBERS = RNG.random((2_000, 2)).astype(np.float32)
ONE, TWO = axes(Inputs(NUMBERS, np.empty((2_000, 0), object)))
EVENT = RNG.random(2_000) < 0.4
EVEN = np.full(2_000, 0.4)
LIMITS = Limits(900)
WITHIN = (NUMBERS > 0.25).all(axis=1) & (NUMBERS < 0.5).all(axis=1)


@pytest.mark.parametrize("other", [False, True])
def test_the_rectangle_that_lacks_a_class_is_found(other: bool) -> None:
    event = np.where(WITHIN, other, EVENT)
    found = {one.other: one for one in best_rectangles(ONE, TWO, event, EVEN, LIMITS)}
    rows = found[other].rows
    assert np.count_nonzero(WITHIN[rows]) >= 0.75 * max(len(rows), WITHIN.sum())


def test_where_nothing_is_missing_there_is_none() -> None:
    assert [one for one in best_rectangles(ONE, TWO, EVENT, EVEN, LIMITS) if one.nats > 15] == []


def test_rectangles_are_counted() -> None:
    assert rectangle_count(ONE, TWO) == 78 * 78


def test_the_evidence_is_that_of_the_binomial() -> None:
    assert float(deficit(np.array(10), np.array(0), np.array(5))) == pytest.approx(10 * np.log(2))
    assert float(deficit(np.array(10), np.array(6), np.array(5))) == 0
    assert deficit(np.array([0.0, 10.0]), np.array([0.0, 2.0]), np.array([0.0, 5.0]))[0] < 1e-6
