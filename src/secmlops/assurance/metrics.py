"""How good predictions are: the usual metrics, each for many weightings of the same rows at once.

``weights`` [b, n] are counts: how often each of the n rows was drawn in each of b resamples. ``once`` counts every row
one time. Rows are first counted, by score (``Ranking``) or by true and called class (``Confusion``); the
metrics are arithmetic on the counts and return [b]. So a thousand bootstrap resamples need no copy of the rows.
Conventions where a metric is not defined follow scikit-learn: precision, recall and F1 are 0 where they would be 0/0.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Classes = npt.NDArray[np.int64]
Weights = npt.NDArray[np.floating[Any]]
"""Counts [b, n]: float64, or float32 for many resamples, which is exact for up to 2^24 rows."""

PROBABILITY_FLOOR = float(np.finfo(np.float32).eps)
"""Probabilities come as float32: nearer to 0 or 1 than this they cannot be told apart from certainty."""

_CONSTANT = 1e-12
"""Share of a sum of squares below which the rest is rounding."""


def once(rows: int) -> Floats:
    """Weights [1, rows] that count every row once."""
    return np.ones((1, rows))


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows by falling score: their ``order`` [n], where each distinct score ``starts`` [g], which are events [n]."""

    order: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    events: Flags

    @classmethod
    def of(cls, event: Flags, score: Floats) -> "Ranking":
        """Sort the rows, once for all weights."""
        order = np.argsort(-score, kind="stable")
        starts = np.flatnonzero(np.diff(score[order], prepend=np.inf))
        return cls(order, starts, event[order])

    def tally(self, weights: Weights) -> "Tally":
        """Count events and others at each distinct score."""
        counts = np.take(weights, self.order, axis=1)
        events = counts * self.events
        others = np.subtract(counts, events, out=counts)
        if len(self.starts) == len(self.order):
            return Tally(events, others)
        return Tally(np.add.reduceat(events, self.starts, axis=1), np.add.reduceat(others, self.starts, axis=1))


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of events and of other rows at each distinct score, both [b, g], the highest score first."""

    events: Weights
    others: Weights


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of rows by true class and called class [b, k, k]."""

    counts: Floats

    @classmethod
    def of(cls, target: Classes, called: Classes, weights: Weights) -> "Confusion":
        """Tally rows; ``k`` is one more than the largest class that occurs."""
        k = int(max(target.max(), called.max())) + 1
        cell = np.zeros((len(target), k * k))
        cell[np.arange(len(target)), target * k + called] = 1
        return cls((weights @ cell).reshape(-1, k, k))

    @property
    def right(self) -> Floats:
        """Rows of each class that were called so [b, k]."""
        right: Floats = np.einsum("bkk->bk", self.counts)
        return right

    @property
    def true(self) -> Floats:
        """Rows of each class [b, k]."""
        true: Floats = self.counts.sum(axis=2)
        return true

    @property
    def called(self) -> Floats:
        """Rows called each class [b, k]."""
        called: Floats = self.counts.sum(axis=1)
        return called


def auc(tally: Tally) -> Floats:
    """Area under the ROC curve: the chance that an event scores above a non-event, ties counting half.

    It is the Mann-Whitney statistic over the number of pairs (Hanley & McNeil 1982).
    """
    found = np.cumsum(tally.events, axis=1)
    won = _dot(found, tally.others) - _dot(tally.events, tally.others) / 2
    area: Floats = won / found[:, -1] / tally.others.sum(axis=1)
    return area


def average_precision(tally: Tally) -> Floats:
    """Area under the precision-recall curve in steps: precision at each score times the recall gained there."""
    found = np.cumsum(tally.events, axis=1)
    seen = np.cumsum(tally.events + tally.others, axis=1)
    precise = found / np.maximum(seen, 1)  # nothing seen means nothing found
    area: Floats = _dot(precise, tally.events) / found[:, -1]
    return area


def accuracy(confusion: Confusion) -> Floats:
    """Share of rows called right."""
    share: Floats = confusion.right.sum(axis=1) / confusion.counts.sum(axis=(1, 2))
    return share


def recall(confusion: Confusion) -> Floats:
    """Of the rows of each class, the share that was called so [b, k]."""
    return _ratio(confusion.right, confusion.true)


def precision(confusion: Confusion) -> Floats:
    """Of the rows called each class, the share that is [b, k]."""
    return _ratio(confusion.right, confusion.called)


def f1(confusion: Confusion) -> Floats:
    """Harmonic mean of precision and recall of each class [b, k]."""
    return _ratio(2 * confusion.right, confusion.true + confusion.called)


def balanced_accuracy(confusion: Confusion) -> Floats:
    """Mean recall over the classes that occur."""
    return _mean_where(recall(confusion), confusion.true > 0)


def macro_f1(confusion: Confusion) -> Floats:
    """Mean F1 over the classes that occur or are called."""
    return _mean_where(f1(confusion), confusion.true + confusion.called > 0)


def brier(event: Flags, probability: Floats, weights: Weights) -> Floats:
    """Mean squared difference of probability and outcome (Brier 1950), in its form for one event: 0 to 1."""
    return mean((probability - event) ** 2, weights)


def log_loss(target: Classes, probabilities: Floats, weights: Weights) -> Floats:
    """Mean negative log-likelihood of the true classes, in nats; probabilities are kept off 0 by float32's epsilon."""
    likelihood = np.take_along_axis(probabilities, target[:, None], axis=1)[:, 0]
    return mean(-np.log(np.clip(likelihood, PROBABILITY_FLOOR, 1)), weights)


def r2(target: Floats, predicted: Floats, weights: Weights) -> Floats:
    """Share of the target's variance that is explained; 0 for a resample whose target is constant."""
    total = weights.sum(axis=1)
    centred = target - target.mean()  # so that the sums of squares below hardly cancel
    squares = weights @ centred**2
    spread = squares - (weights @ centred) ** 2 / total
    varied = spread > _CONSTANT * squares
    return np.where(varied, 1 - _ratio(weights @ (target - predicted) ** 2, np.where(varied, spread, 0.0)), 0.0)


def mae(target: Floats, predicted: Floats, weights: Weights) -> Floats:
    """Mean absolute error, in the target's unit."""
    return mean(np.abs(target - predicted), weights)


def rmse(target: Floats, predicted: Floats, weights: Weights) -> Floats:
    """Root of the mean squared error, in the target's unit."""
    return np.sqrt(mean((target - predicted) ** 2, weights))


def mean(values: Floats, weights: Weights) -> Floats:
    """Weighted mean of ``values`` [n]."""
    result: Floats = (weights @ values) / weights.sum(axis=1)
    return result


def youden_threshold(event: Flags, score: Floats) -> float:
    """Threshold t at which calling ``score >= t`` an event has the greatest Youden index, and balanced accuracy.

    Youden's J = sensitivity + specificity - 1 (Youden 1950) = 2 x balanced accuracy - 1; of equals the highest t wins.
    """
    values, groups = np.unique(score, return_inverse=True)
    events = np.bincount(groups, weights=event)[::-1].cumsum()
    others = np.bincount(groups, weights=~event)[::-1].cumsum()
    best = np.argmax(events / events[-1] - others / others[-1])
    return float(values[::-1][best])


def auc_standard_error(event: Flags, score: Floats) -> float:
    """Standard error of the AUC after DeLong et al. 1988, by ranks (Sun & Xu 2014), for two or more rows of each."""
    below = _midranks(score)
    events_ranked, others_ranked = below[event], below[~event]
    events, others = len(events_ranked), len(others_ranked)
    # placement of an event among the non-events, and the other way round
    of_events = (events_ranked - _midranks(score[event])) / others
    of_others = 1 - (others_ranked - _midranks(score[~event])) / events
    return float(np.sqrt(of_events.var(ddof=1) / events + of_others.var(ddof=1) / others))


def auc_interval(area: float, standard_error: float, confidence: float) -> tuple[float, float]:
    """Interval of the AUC from DeLong's standard error, normal on the scale of the log odds: it stays within 0 and 1.

    That scale keeps the stated coverage near 1 (Pepe 2003, 5.2.4). A perfect area has no error, and no width.
    """
    if not 0 < area < 1:
        return area, area
    odds = np.log(area / (1 - area))
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * standard_error / (area * (1 - area))
    low, high = 1 / (1 + np.exp(-(odds - reach))), 1 / (1 + np.exp(-(odds + reach)))
    return float(low), float(high)


def _midranks(score: Floats) -> Floats:
    """Rank of each value, 1 for the lowest, the mean rank among equals."""
    _, groups, counts = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts - 1) / 2)[groups]
    return ranks


def _ratio(part: Floats, whole: Floats) -> Floats:
    """``part / whole``, 0 where the whole is."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _dot(left: Weights, right: Weights) -> Floats:
    """Inner product of each row [b]."""
    product: Floats = np.vecdot(left, right).astype(np.float64)
    return product


def _mean_where(values: Floats, counts: Flags) -> Floats:
    """Mean over the classes [b, k] that count."""
    average: Floats = np.mean(values, axis=1, where=counts)
    return average
