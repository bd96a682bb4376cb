"""A glance acquits honest rows and nothing else."""

import numpy as np
import pytest

from secmlops.detect.exact_neighbours import ExactNeighbours
from secmlops.detect.glance import Glance


def drawn(rows: int, spread: float = 1.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, spread, (rows, 6)).astype(np.float32)


@pytest.fixture
def fitted() -> ExactNeighbours:
    return ExactNeighbours.fit(drawn(500), np.random.default_rng(1))


def test_most_honest_rows_are_acquitted(fitted: ExactNeighbours) -> None:
    bound = float(np.quantile(fitted.score(drawn(2000, seed=2)), 0.99))
    glance = Glance(fitted, bound)
    assert glance.helps
    assert glance.doubted(fitted.places(drawn(1000, seed=3))).mean() < 0.15


@pytest.mark.parametrize("level", [0.05, 0.5, 0.99])
def test_no_row_is_acquitted_that_scores_above_the_bound(fitted: ExactNeighbours, level: float) -> None:
    rows = np.concatenate([drawn(300, spread, seed=4) for spread in (0.1, 1, 3, 1e4)])
    scores = fitted.score(rows)
    glance = Glance(fitted, float(np.quantile(scores, level)))
    doubted = glance.doubted(fitted.places(rows))
    assert (doubted | (scores <= np.quantile(scores, level))).all()
    assert [not glance.near(place) for place in fitted.places(rows)] == doubted.tolist()


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e100])
def test_what_is_missing_or_beyond_the_grid_is_never_acquitted_nor_spoils_others(
    fitted: ExactNeighbours, odd: float
) -> None:
    places = fitted.places(drawn(3, 0.1))
    places[1, 2] = odd
    glance = Glance(fitted, float(np.quantile(fitted.score(drawn(2000, seed=2)), 0.99)))
    assert glance.doubted(places).tolist() == [False, True, False]
    assert [glance.near(place) for place in places] == [True, False, True]


def test_it_does_not_help_where_honest_rows_come_in_many_crowds() -> None:
    rows = drawn(600, 0.05) + np.tile(drawn(12, 10, seed=5), (50, 1))
    fitted = ExactNeighbours.fit(rows, np.random.default_rng(1))
    assert not Glance(fitted, float(np.quantile(fitted.score(rows), 0.99))).helps
