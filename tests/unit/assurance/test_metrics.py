from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from secmlops.assurance import metrics
from secmlops.assurance.metrics import Confusion, Ranking, once

RNG = np.random.default_rng(20)


def ranked(event: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None) -> metrics.Tally:
    return Ranking.of(event, score).tally(once(len(event)) if weights is None else weights)


def confused(target: np.ndarray, called: np.ndarray) -> Confusion:
    return Confusion.of(target, called, once(len(target)))


def binary(rows: int, levels: int) -> tuple[np.ndarray, np.ndarray]:
    """Events and scores in so many levels: few levels, many ties."""
    event = RNG.random(rows) < 0.3
    event[:2] = [True, False]
    return event, np.round((RNG.random(rows) + 0.3 * event) * levels) / levels


@pytest.mark.parametrize("levels", [1, 3, 20, 10**9])
@pytest.mark.parametrize("rows", [2, 10, 500])
def test_ranking_metrics_agree_with_scikit_learn(rows: int, levels: int) -> None:
    event, score = binary(rows, levels)
    tally = ranked(event, score)
    assert metrics.auc(tally)[0] == pytest.approx(reference.roc_auc_score(event, score))
    assert metrics.average_precision(tally)[0] == pytest.approx(reference.average_precision_score(event, score))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_count_rows(dtype: type) -> None:
    event, score = binary(60, 8)
    weights = RNG.integers(0, 4, (5, 60)).astype(dtype)
    weights[:, :2] = 1
    tally = ranked(event, score, weights)
    for row, counts in enumerate(weights.astype(int)):
        repeated = np.repeat(event, counts), np.repeat(score, counts)
        assert metrics.auc(tally)[row] == pytest.approx(reference.roc_auc_score(*repeated), rel=1e-6)
        assert metrics.average_precision(tally)[row] == pytest.approx(
            reference.average_precision_score(*repeated), rel=1e-6
        )


@settings(max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=30))
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[bool, int]]) -> None:
    event = np.array([True, False] + [e for e, _ in rows])
    score = np.array([2, 3] + [s for _, s in rows], float)
    pairs = np.sign(score[event][:, None] - score[~event][None, :])
    assert metrics.auc(ranked(event, score))[0] == pytest.approx((pairs.mean() + 1) / 2)


def test_decision_metrics_agree_with_scikit_learn() -> None:
    target, called = RNG.integers(0, 4, 300), RNG.integers(0, 4, 300)
    confusion = confused(target, called)
    np.testing.assert_array_equal(confusion.counts[0], reference.confusion_matrix(target, called))
    assert metrics.accuracy(confusion)[0] == pytest.approx(reference.accuracy_score(target, called))
    assert metrics.balanced_accuracy(confusion)[0] == pytest.approx(reference.balanced_accuracy_score(target, called))
    assert metrics.macro_f1(confusion)[0] == pytest.approx(reference.f1_score(target, called, average="macro"))
    for ours, theirs in (
        (metrics.recall, reference.recall_score),
        (metrics.precision, reference.precision_score),
        (metrics.f1, reference.f1_score),
    ):
        np.testing.assert_allclose(ours(confusion)[0], theirs(target, called, average=None))


def test_a_class_that_is_never_called_counts_as_zero_precision() -> None:
    confusion = confused(np.array([0, 1, 0, 1]), np.zeros(4, np.int64))
    assert metrics.precision(confusion)[0].tolist() == [0.5, 0.0]
    assert metrics.recall(confusion)[0].tolist() == [1.0, 0.0]
    assert metrics.f1(confusion)[0, 1] == 0.0


def test_classes_that_do_not_occur_stay_out_of_means() -> None:
    target, called = np.array([0, 0, 3, 3]), np.array([0, 0, 3, 0])
    assert metrics.balanced_accuracy(confused(target, called))[0] == pytest.approx(0.75)
    assert metrics.macro_f1(confused(target, called))[0] == pytest.approx(
        reference.f1_score(target, called, average="macro")
    )


def test_probability_scores_agree_with_scikit_learn() -> None:
    target = RNG.integers(0, 3, 200)
    probabilities = RNG.dirichlet([1, 1, 1], 200)
    assert metrics.log_loss(target, probabilities, once(200))[0] == pytest.approx(
        reference.log_loss(target, probabilities)
    )
    event = target == 1
    assert metrics.brier(event, probabilities[:, 1], once(200))[0] == pytest.approx(
        reference.brier_score_loss(event, probabilities[:, 1])
    )


def test_log_loss_of_a_certain_error_is_finite() -> None:
    wrong = metrics.log_loss(np.array([1]), np.array([[1.0, 0.0]]), once(1))[0]
    assert wrong == pytest.approx(-np.log(metrics.PROBABILITY_FLOOR))


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_regression_metrics_agree_with_scikit_learn(offset: float) -> None:
    target = RNG.normal(size=100) + offset
    predicted = target + RNG.normal(size=100) * 0.5
    assert metrics.r2(target, predicted, once(100))[0] == pytest.approx(reference.r2_score(target, predicted))
    assert metrics.mae(target, predicted, once(100))[0] == pytest.approx(
        reference.mean_absolute_error(target, predicted)
    )
    assert metrics.rmse(target, predicted, once(100))[0] == pytest.approx(
        reference.root_mean_squared_error(target, predicted)
    )


def test_r2_counts_rows_and_is_zero_for_a_constant_resample() -> None:
    target, predicted = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])
    values = metrics.r2(target, predicted, np.array([[2.0, 1.0, 1.0], [3.0, 0.0, 0.0]]))
    assert values[0] == pytest.approx(reference.r2_score([1, 1, 2, 4], [1.5, 1.5, 2, 3]))
    assert values[1] == 0.0


@pytest.mark.parametrize("levels", [3, 50, 10**9])
def test_youden_threshold_has_the_best_balanced_accuracy(levels: int) -> None:
    event, score = binary(200, levels)
    threshold = metrics.youden_threshold(event, score)
    candidates = np.unique(score)
    reached = [reference.balanced_accuracy_score(event, score >= t) for t in candidates]
    best = candidates[np.flatnonzero(np.isclose(reached, max(reached)))]
    assert threshold == pytest.approx(best.max())


def delong_by_pairs(event: np.ndarray, score: np.ndarray) -> float:
    """Variance of the AUC written out pair by pair, as in DeLong et al. 1988."""
    wins = (np.sign(score[event][:, None] - score[~event][None, :]) + 1) / 2
    by_event, by_other = wins.mean(axis=1), wins.mean(axis=0)
    return float(np.sqrt(by_event.var(ddof=1) / len(by_event) + by_other.var(ddof=1) / len(by_other)))


@pytest.mark.parametrize("levels", [2, 10, 10**9])
def test_standard_error_of_the_auc_is_delongs(levels: int) -> None:
    event, score = binary(80, levels)
    assert metrics.auc_standard_error(event, score) == pytest.approx(delong_by_pairs(event, score))


def test_nineteen_of_twenty_delong_intervals_hold_the_area() -> None:
    """Two normal samples 1.5 apart: the area is Phi(1.5 / sqrt 2)."""
    rng = np.random.default_rng(11)
    area, held = NormalDist().cdf(1.5 / 2**0.5), 0
    event = np.repeat([True, False], [40, 60])
    for _ in range(400):
        score = rng.normal(size=100) + 1.5 * event
        told = float(metrics.auc(metrics.Ranking.of(event, score).tally(metrics.once(100)))[0])
        low, high = metrics.auc_interval(told, metrics.auc_standard_error(event, score), 0.95)
        assert 0 < low < told < high < 1
        held += low <= area <= high
    assert 0.92 <= held / 400 <= 0.98


def test_a_perfect_area_has_no_width() -> None:
    assert metrics.auc_interval(1.0, 0.0, 0.95) == (1.0, 1.0)
