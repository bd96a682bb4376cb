"""How well a score tells members from others: the ROC curve, its area, and what is caught at few false alarms."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Roc:
    """ROC points by falling threshold: false and true positives, counts int64 [g], the first both 0.

    ``others`` and ``members`` are how many there are of each.
    """

    false: npt.NDArray[np.int64]
    true: npt.NDArray[np.int64]

    @classmethod
    def of(cls, score: Matrix, member: npt.NDArray[np.bool_]) -> "Roc":
        """Curve of a score [n], higher for members [n]; raises InputError without a row of each."""
        if member.all() or not member.any():
            raise InputError("an ROC curve takes members and others")
        order = np.argsort(-score, kind="stable")
        last = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)  # of equal scores all or none
        true = np.cumsum(member[order])[last]
        return cls(np.append(0, last + 1 - true), np.append(0, true))

    @property
    def members(self) -> int:
        """How many members there are."""
        return int(self.true[-1])

    @property
    def others(self) -> int:
        """How many others there are."""
        return int(self.false[-1])

    @property
    def auc(self) -> float:
        """Area under the curve: the chance that a member scores above another, ties counting half."""
        return float(np.trapezoid(self.true, self.false)) / self.members / self.others

    def auc_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Interval of the area by Hanley and McNeil's standard error (Radiology 1982)."""
        area = self.auc
        one, two = area / (2 - area), 2 * area**2 / (1 + area)
        variance = area * (1 - area) + (self.members - 1) * (one - area**2) + (self.others - 1) * (two - area**2)
        reach = _quantile(confidence) * max(variance / self.members / self.others, 0) ** 0.5
        return max(0.0, area - reach), min(1.0, area + reach)

    def true_positive_rate(self, false_positive_rate: float) -> float:
        """Largest share of members that is found at no more than this share of false alarms."""
        return self._found(false_positive_rate) / self.members

    def true_positive_interval(self, false_positive_rate: float, confidence: float = 0.95) -> tuple[float, float]:
        """Wilson's interval (1927) of that share, the threshold taken as given."""
        share, square, rows = self.true_positive_rate(false_positive_rate), _quantile(confidence) ** 2, self.members
        middle = (share + square / (2 * rows)) / (1 + square / rows)
        reach = (square * (share * (1 - share) + square / (4 * rows)) / rows) ** 0.5 / (1 + square / rows)
        return max(0.0, middle - reach), min(1.0, middle + reach)

    def _found(self, false_positive_rate: float) -> int:
        allowed = np.floor(false_positive_rate * self.others + 1e-9)
        return int(self.true[np.searchsorted(self.false, allowed, "right") - 1])


def _quantile(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
