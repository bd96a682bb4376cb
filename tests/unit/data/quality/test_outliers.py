import numpy as np
import pytest

from secmlops.data.quality.outliers import far_values, find_outliers

RNG = np.random.default_rng(5)
ROWS = 5_000


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=ROWS),
        RNG.random(ROWS),
        np.exp(RNG.normal(3, 1, ROWS)),
        RNG.exponential(5, ROWS),
        RNG.gamma(0.5, 2, ROWS),
        np.where(RNG.random(ROWS) < 0.3, np.nan, RNG.normal(size=ROWS)),
    ],
    ids=["normal", "uniform", "lognormal", "exponential", "gamma", "gaps"],
)
def test_honest_values_are_not_far(values: np.ndarray) -> None:
    assert np.count_nonzero(far_values(values)) <= 1


@pytest.mark.parametrize("far", [60.0, -60.0])
def test_far_values_are_found_though_there_are_many(far: float) -> None:
    rng = np.random.default_rng(7)
    values = rng.normal(size=ROWS)
    values[:500] = far + values[:500]
    assert np.flatnonzero(far_values(values)).tolist() == list(range(500))


def test_a_skewed_column_hides_no_gross_error() -> None:
    rng = np.random.default_rng(7)
    values = np.exp(rng.normal(3, 0.5, ROWS))
    values[7] = 1e6
    assert np.flatnonzero(far_values(values)).tolist() == [7]


def test_endless_values_are_left_to_the_schema() -> None:
    rng = np.random.default_rng(7)
    values = rng.normal(size=ROWS)
    values[3] = np.inf
    assert not far_values(values).any()


def test_ratings_and_short_tables_are_left_alone() -> None:
    ratings = np.full(ROWS, 3.0)
    ratings[:5] = 5
    found = find_outliers({"rating": ratings})
    assert not found.cells
    assert not len(found.rows)
    assert not find_outliers({"x": np.array([1.0, 2.0, 1e9])}).cells
    assert not find_outliers({}).cells


def test_rows_that_break_what_goes_together_are_found() -> None:
    rng = np.random.default_rng(7)
    size = rng.normal(size=ROWS)
    columns = {f"c{i}": size * (i + 1) + rng.normal(size=ROWS) * 0.1 for i in range(4)}
    assert len(find_outliers(columns).rows) == 0
    columns["c1"][:20] = -columns["c1"][:20] - np.sign(columns["c1"][:20]) * 2
    found = find_outliers(columns)
    assert np.isin(np.arange(20), found.rows).mean() >= 0.8
    assert np.isin(found.rows, np.arange(20)).all()
    assert not found.cells
