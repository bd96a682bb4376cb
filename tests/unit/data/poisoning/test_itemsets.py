import math

import numpy as np
import pytest

from secmlops.data.poisoning import itemsets
from secmlops.data.poisoning.additive import Additive
from secmlops.data.poisoning.items import Coded
from secmlops.data.poisoning.itemsets import Bounds, likelihood_ratio, scan

ROWS = 1_000
RNG = np.random.default_rng(0)
CODES = RNG.integers(0, 8, (ROWS, 4))
LABELS = RNG.integers(0, 2, ROWS)


def searched(codes: np.ndarray, labels: np.ndarray, bounds: Bounds) -> itemsets.Scan:
    columns = [Coded(codes[:, place], 8, 8, np.zeros(8, bool)) for place in range(codes.shape[1])]
    models = [Additive.fit(columns, labels == target) for target in range(int(labels.max()) + 1)]
    return scan(columns, labels, models, bounds)


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("target", [0, 1])
def test_a_pure_combination_is_found_with_its_rows(width: int, target: int) -> None:
    codes, labels = CODES.copy(), LABELS.copy()
    codes[(codes[:, :width] == 3).all(axis=1), 0] = 4
    codes[:30, :width], labels[:30] = 3, target
    found = searched(codes, labels, Bounds(15, 100)).found
    best = max(found, key=lambda one: one.surprise)
    assert best.target == target
    assert best.hits >= 0.92 * len(best.rows)
    assert set(range(30)) <= set(best.rows.tolist())
    assert any(one.places == tuple(range(width)) and one.rows.tolist() == list(range(30)) for one in found)


def test_what_was_looked_at_is_counted_by_width() -> None:
    tested = searched(CODES, LABELS, Bounds(5, 1_000)).tested
    assert tested[0] == 4 * 8
    assert 0.98 * 6 * 64 < tested[1] <= 6 * 64
    assert tested[2] < 4 * 512


def test_sets_outside_of_the_bounds_are_left_alone() -> None:
    codes = CODES.copy()
    codes[:, 0] = 0
    codes[:30, 0] = 3
    labels = np.where(np.arange(ROWS) < 30, 1, LABELS)
    assert not [one for one in searched(codes, labels, Bounds(31, 500)).found if one.places == (0,)]
    assert not [one for one in searched(codes, labels, Bounds(5, 29)).found if one.places == (0,)]


def test_bins_are_no_items() -> None:
    columns = [Coded(CODES[:, 0], 0, 8, np.zeros(0, bool))]
    models = [Additive.fit(columns, target == LABELS) for target in (0, 1)]
    assert scan(columns, LABELS, models, Bounds(5, 500)).tested == (0, 0, 0)


def test_a_wide_table_is_not_searched_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(itemsets, "MOST_SETS", 3)
    assert searched(CODES, LABELS, Bounds(5, 500)).tested[1] <= 3 * 64


@pytest.mark.parametrize(
    ("rows", "hits", "expected", "nats"),
    [
        (10, 10, 0.5, 10 * math.log(2)),
        (10, 5, 0.5, 0.0),
        (10, 2, 0.5, 0.0),
        (4, 3, 0.5, 4 * (0.75 * math.log(1.5) - 0.25 * math.log(2))),
    ],
)
def test_the_likelihood_ratio_is_that_of_the_binomial(rows: int, hits: int, expected: float, nats: float) -> None:
    assert likelihood_ratio(rows, hits, expected) == pytest.approx(nats)


def test_it_bounds_the_probability_of_chance() -> None:
    draws = np.random.default_rng(1).binomial(20, 0.3, 200_000)
    for hits in (10, 12, 14):
        assert (draws >= hits).mean() <= math.exp(-likelihood_ratio(20, hits, 0.3))


def test_nothing_is_expected_for_certain() -> None:
    assert math.isfinite(likelihood_ratio(5, 5, 0.0))
    assert likelihood_ratio(5, 5, 1.0) < 1e-3
