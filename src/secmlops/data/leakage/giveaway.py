"""Measures how much of the label a single feature gives away, with nothing but a table of its values."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.core.task import Task
from secmlops.data.leakage.binning import Binned, binned_features
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Signature

_SMOOTHING_ROWS = 5.0
_ONE_SIDED_95 = 1.645
_MAX_CLASSES = 20
_PURE = 0.98
_RARE = 0.2
_TELLTALE_ROWS = 10
_CHANCE_DIGITS = 9.0


@dataclass(frozen=True, slots=True)
class Telltale:
    """A value that goes with one rare class.

    ``row`` is the first training row that has it, ``kind`` the place of the class; ``pure`` of its ``rows`` are of it.
    """

    row: int
    kind: int
    pure: int
    rows: int


@dataclass(frozen=True, slots=True)
class Giveaway:
    """What one feature alone tells about the label of the holdout.

    ``strength`` in [0, 1] is, for classes, the largest area under the ROC curve of one class against the others; for a
    quantity, the larger of the coefficient of determination and the squared rank correlation. ``surely`` is the lower
    end of its one-sided 95% interval. ``telltales`` are those values of the feature, where it has few, that go with one
    class that at most a fifth of all rows have.
    """

    feature: str
    strength: float
    surely: float
    telltales: tuple[Telltale, ...] = ()


def giveaways(signature: Signature, train: Examples, holdout: Examples) -> tuple[Giveaway, ...]:
    """One for each feature: the tables are filled with the training rows and judged on the holdout."""
    judge = _judge_quantity if signature.task is Task.REGRESSION else _judge_classes
    return tuple(judge(b, train.target, holdout.target) for b in binned_features(signature, train, holdout))


def _judge_classes(binned: Binned, train: npt.NDArray[np.generic], holdout: npt.NDArray[np.generic]) -> Giveaway:
    known, asked = train.astype(np.int64), holdout.astype(np.int64)
    classes = int(max(known.max(), asked.max())) + 1
    bins = int(max(binned.train.max(), binned.holdout.max())) + 1
    counts = np.bincount(binned.train * classes + known, minlength=bins * classes).reshape(bins, classes)
    base = counts.sum(axis=0) / len(known)
    rates = (counts + _SMOOTHING_ROWS * base) / (counts.sum(axis=1, keepdims=True) + _SMOOTHING_ROWS)
    wanted = [1] if classes == 2 else np.argsort(-base)[:_MAX_CLASSES].tolist()
    areas = [_area(rates[binned.holdout, c], asked == c) for c in wanted]
    strength, surely = max(areas, default=(0.5, 0.5))
    telltales = tuple(_telltales(binned.train, counts, base)) if binned.few else ()
    return Giveaway(binned.feature.name, strength, surely, telltales)


def _area(scores: npt.NDArray[np.float64], event: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Area under the ROC curve, and the lower end of its interval (Hanley and McNeil, Radiology 143, 1982)."""
    levels, places = np.unique(scores, return_inverse=True)
    hits = np.bincount(places, weights=event, minlength=len(levels))
    misses = np.bincount(places, weights=~event, minlength=len(levels))
    events, others = hits.sum(), misses.sum()
    if not events or not others:
        return 0.5, 0.5
    area = float(hits @ (np.cumsum(misses) - misses / 2) / (events * others))
    same_event, same_other = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (events - 1) * (same_event - area**2) + (others - 1) * (same_other - area**2)
    variance = max(area * (1 - area) + spread, 0.0) / (events * others)
    return area, area - _ONE_SIDED_95 * math.sqrt(variance)


def _telltales(
    bins: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], base: npt.NDArray[np.float64]
) -> Iterator[Telltale]:
    """Bins of one rare class that chance would fill so with a probability below one in a billion."""
    sizes = counts.sum(axis=1)
    for place, rate in enumerate(base):
        if 0 < rate <= _RARE:
            pure = (sizes >= _TELLTALE_ROWS) & (counts[:, place] >= _PURE * sizes)
            unlikely = sizes * -math.log10(rate) >= _CHANCE_DIGITS
            for found in np.flatnonzero(pure & unlikely):
                yield Telltale(int(np.argmax(bins == found)), place, int(counts[found, place]), int(sizes[found]))


def _judge_quantity(binned: Binned, train: npt.NDArray[np.generic], holdout: npt.NDArray[np.generic]) -> Giveaway:
    known, asked = train.astype(np.float64), holdout.astype(np.float64)
    bins = int(max(binned.train.max(), binned.holdout.max())) + 1
    sizes = np.bincount(binned.train, minlength=bins)
    sums = np.bincount(binned.train, weights=known, minlength=bins)
    means = (sums + known.mean()) / (sizes + 1)
    predicted = means[binned.holdout]
    total = float(np.sum((asked - asked.mean()) ** 2))
    explained = 1 - float(np.sum((asked - predicted) ** 2)) / total if total else 0.0
    strength = min(max(explained, _rank_correlation(predicted, asked) ** 2, 0.0), 1.0)
    error = 2 * math.sqrt(strength) * (1 - strength) / math.sqrt(len(asked))
    return Giveaway(binned.feature.name, strength, strength - _ONE_SIDED_95 * error)


def _rank_correlation(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> float:
    ranks = [np.unique(values, return_inverse=True)[1].astype(np.float64) for values in (left, right)]
    if any(r.std() == 0 for r in ranks):
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
