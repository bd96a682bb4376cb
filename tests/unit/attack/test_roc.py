"""ROC curves against counting by hand, and intervals against their coverage."""

import numpy as np
import pytest

from secmlops.attack.roc import Roc
from secmlops.core.errors import InputError


def test_points_take_equal_scores_together():
    roc = Roc.of(np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False]))
    assert roc.false.tolist() == [0, 0, 1, 2]
    assert roc.true.tolist() == [0, 1, 2, 2]
    assert roc.auc == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert (roc.members, roc.others) == (2, 2)


def test_the_area_is_the_share_of_pairs_won():
    generator = np.random.default_rng(0)
    score, member = generator.integers(20, size=300) / 20, generator.random(300) < 0.4
    won = np.sign(score[member][:, None] - score[~member]) / 2 + 0.5
    assert Roc.of(score, member).auc == pytest.approx(won.mean())


@pytest.mark.parametrize(
    ("rate", "found"), [(0.0, 3 / 10), (0.001, 3 / 10), (0.1, 5 / 10), (0.199, 5 / 10), (0.2, 1.0), (1.0, 1.0)]
)
def test_what_is_found_at_few_false_alarms(rate, found):
    score = np.array([9.0, 9, 9, 8, 7, 7, 5, 5, 5, 5, 5, 5] + [1.0] * 8)
    member = np.array([True, True, True, False, True, True] + [True] * 5 + [False] + [False] * 8)
    roc = Roc.of(score, member)
    assert (roc.members, roc.others) == (10, 10)
    assert roc.true_positive_rate(rate) == pytest.approx(found)


def test_equal_scores_find_nobody():
    roc = Roc.of(np.ones(50), np.arange(50) < 20)
    assert roc.auc == 0.5
    assert roc.true_positive_rate(0.99) == 0
    low, high = roc.true_positive_interval(0.01)
    assert low == pytest.approx(0)
    assert 0 < high < 0.25


def test_the_interval_of_the_area_covers_the_truth():
    generator, member = np.random.default_rng(0), np.arange(300) < 200
    covered = []
    for _ in range(200):
        low, high = Roc.of(generator.normal(size=300) + member, member).auc_interval()
        covered.append(low <= 0.7602 <= high)  # Phi(1 / sqrt(2))
    assert 0.9 < np.mean(covered) < 1


def test_the_interval_of_a_share_is_wilsons():
    score = np.concatenate([np.full(10, 2.0), np.zeros(90), np.ones(100)])
    roc = Roc.of(score, np.arange(200) < 100)
    assert roc.true_positive_rate(0.01) == 0.1
    assert roc.true_positive_interval(0.01) == pytest.approx((0.0552, 0.1744), abs=1e-4)


def test_perfect_separation_keeps_within_bounds():
    roc = Roc.of(np.arange(20.0), np.arange(20) >= 10)
    assert roc.auc == 1
    assert roc.auc_interval() == (1, 1)
    assert roc.true_positive_interval(0.01)[1] == pytest.approx(1)


@pytest.mark.parametrize("member", [True, False])
def test_one_sort_of_rows_makes_no_curve(member):
    with pytest.raises(InputError, match="members and others"):
        Roc.of(np.ones(3), np.full(3, member))
