"""Predictions set against outcomes in bins of equal mass: the reliability diagram and the errors read from it."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from secmlops.assurance.metrics import Floats
from secmlops.core.json import Json

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Reliability:
    """Bins by rising prediction, each [b]: the rows in it, and the mean and variance of predictions and outcomes.

    ``covariance`` is that of prediction and outcome within the bin. Variances are those of the rows at hand (divided by
    their number).
    """

    rows: Floats
    predicted: Floats
    observed: Floats
    predicted_variance: Floats
    observed_variance: Floats
    covariance: Floats

    @classmethod
    def of(cls, predicted: Floats, outcome: Floats, bins: int) -> "Reliability":
        """Put predictions [n] in at most ``bins`` bins of equal mass.

        Equal predictions share a bin: the one in which the middle of their mass falls.
        """
        _, value, mass = np.unique(predicted, return_inverse=True, return_counts=True)
        middle = (np.cumsum(mass) - mass / 2) / len(predicted)
        _, place, counts = np.unique((middle * bins).astype(np.int64)[value], return_inverse=True, return_counts=True)
        rows = counts.astype(np.float64)

        def average(values: Floats) -> Floats:
            return np.bincount(place, weights=values) / rows

        mean_predicted, mean_outcome = average(predicted), average(outcome)
        off_predicted, off_outcome = predicted - mean_predicted[place], outcome - mean_outcome[place]
        return cls(
            rows,
            mean_predicted,
            mean_outcome,
            average(off_predicted**2),
            average(off_outcome**2),
            average(off_predicted * off_outcome),
        )

    @property
    def share(self) -> Floats:
        """Share of all rows in each bin [b]."""
        whole = float(self.rows.sum())
        return self.rows / whole

    @property
    def gaps(self) -> Floats:
        """Mean prediction minus mean outcome [b]."""
        return self.predicted - self.observed


@dataclass(frozen=True, slots=True)
class BrierParts:
    """Brier score = reliability - resolution + uncertainty (Murphy 1973), for an event.

    ``resolution`` includes what lies within the bins (Stephenson et al. 2008), so that the sum is exact.
    """

    reliability: float
    resolution: float
    uncertainty: float


def expected_error(bins: Reliability) -> float:
    """Expected calibration error (ECE; Naeini et al. 2015): the mean absolute gap, each bin by its share of rows."""
    return float(bins.share @ np.abs(bins.gaps))


def expected_error_debiased(bins: Reliability) -> float:
    """ECE less what chance alone adds to it, at least 0: the normal estimate of Kumar et al. 2019, in closed form.

    Taking each bin's outcome as normal around what was observed, the expected absolute gap is the mean of a folded
    normal; what it exceeds the gap at hand by is taken as the bias. For a perfectly calibrated model, whose plain ECE
    is far from 0, this removes about 40% of it; a real error of more than the noise is left as it is.
    """
    gap = np.abs(bins.gaps)
    noise = np.sqrt(bins.observed_variance / bins.rows)
    ratio = np.divide(gap, noise, out=np.full_like(gap, np.inf), where=noise > 0)
    tail = np.array([_NORMAL.cdf(-r) for r in ratio])
    density = np.exp(-(ratio**2) / 2) * np.sqrt(2 / np.pi)
    folded = noise * density + gap * (1 - 2 * tail)
    return max(0.0, float(bins.share @ (2 * gap - folded)))


def maximum_error(bins: Reliability) -> float:
    """Maximum calibration error (MCE): the largest gap of a bin."""
    return float(np.abs(bins.gaps).max())


def brier_parts(bins: Reliability) -> BrierParts:
    """Decomposition of the Brier score of the rows in ``bins``, whose outcomes are 0 or 1."""
    rate = float(bins.share @ bins.observed)
    within = float(bins.share @ (bins.predicted_variance - 2 * bins.covariance))
    return BrierParts(
        reliability=float(bins.share @ bins.gaps**2),
        resolution=float(bins.share @ (bins.observed - rate) ** 2) - within,
        uncertainty=rate * (1 - rate),
    )


def wilson_interval(share: Floats, rows: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Interval of a proportion (Wilson 1927)."""
    z = _NORMAL.inv_cdf((1 + confidence) / 2)
    scale = 1 + z**2 / rows
    centre = (share + z**2 / (2 * rows)) / scale
    reach = z / scale * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return np.maximum(centre - reach, 0), np.minimum(centre + reach, 1)


def mean_interval(bins: Reliability, confidence: float) -> tuple[Floats, Floats]:
    """Normal interval of each bin's mean outcome, for quantities."""
    reach = _NORMAL.inv_cdf((1 + confidence) / 2) * np.sqrt(bins.observed_variance / np.maximum(bins.rows - 1, 1))
    return bins.observed - reach, bins.observed + reach


def diagram(bins: Reliability, low: Floats, high: Floats) -> list[Json]:
    """Bins as JSON, for a reliability diagram: mean prediction, mean outcome with its interval, and rows."""
    columns = (bins.predicted, bins.observed, low, high, bins.rows)
    return [
        {"predicted": float(p), "observed": float(o), "low": float(a), "high": float(b), "rows": int(n)}
        for p, o, a, b, n in zip(*columns, strict=True)
    ]
