import math

import numpy as np
import pytest

from secmlops.data.poisoning.additive import Additive
from secmlops.data.poisoning.chances import Chances
from secmlops.data.poisoning.items import Coded
from secmlops.data.poisoning.itemsets import Bounds, Itemset, Kind, cells
from secmlops.data.poisoning.suspects import likelihood_ratios, overlap, suspects

ROWS = 1_000
RNG = np.random.default_rng(0)
CODES = RNG.integers(0, 16, (ROWS, 4))
LABELS = RNG.integers(0, 2, ROWS)


def suspected(codes: np.ndarray, labels: np.ndarray) -> list[Itemset]:
    columns = [Coded(column, 16, 16, np.zeros(16, bool), np.zeros(16)) for column in codes.T]
    models = [Additive.fit(columns, labels == target) for target in (0, 1)]
    seen = list(cells(columns, labels, Bounds(15, 150)))
    return suspects(columns, labels, models, seen, Chances.of(seen))


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("target", [0, 1])
def test_a_planted_combination_is_suspected_once(width: int, target: int) -> None:
    codes, labels = CODES.copy(), LABELS.copy()
    codes[(codes[:, :width] == 3).all(axis=1), 0] = 4
    codes[:30, :width], labels[:30] = 3, target
    found = [one for one in suspected(codes, labels) if one.places == tuple(range(width))]
    assert [(one.target, one.rows.tolist()) for one in found if 0 in one.rows] == [(target, list(range(30)))]


def test_of_the_same_rows_no_more_than_three_descriptions_are_kept_by_each_ranking() -> None:
    codes, labels = CODES.copy(), LABELS.copy()
    codes[codes == 3] = 4
    codes[:30], labels[:30] = 3, 1
    same = [one for one in suspected(codes, labels) if one.rows.tolist() == list(range(30))]
    assert 1 <= len(same) <= 6


def test_mixed_labels_are_not_suspected() -> None:
    assert all(one.hits >= 0.8 * len(one.rows) for one in suspected(CODES, LABELS))


def test_the_overlap_is_the_share_of_common_rows() -> None:
    one, two = (Itemset(Kind.NUMBER, (0,), 0, np.arange(*ends), 1, 0.0) for ends in ((0, 10), (5, 20)))
    assert overlap(one, two) == 5 / 20


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
    assert likelihood_ratios(np.array([rows]), np.array([hits]), expected)[0] == pytest.approx(nats)


def test_it_bounds_the_probability_of_chance() -> None:
    draws = np.random.default_rng(1).binomial(20, 0.3, 200_000)
    for hits in (10, 12, 14):
        nats = likelihood_ratios(np.array([20]), np.array([hits]), 0.3)[0]
        assert (draws >= hits).mean() <= math.exp(-nats)
