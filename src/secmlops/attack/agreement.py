"""How well a copy agrees with the model that it was made of, with an interval."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from secmlops.attack.oracle import Outputs

_CONFIDENCE = 0.95
_Z = NormalDist().inv_cdf((1 + _CONFIDENCE) / 2)


def agreement(truth: Outputs, copied: Outputs) -> float:
    """How well a copy's scores [n, k] agree with the model's: 1 always, 0 never.

    Of a classifier the share of rows given the same class, averaged over the classes, so that always naming the
    commonest one is worth little; of a regressor (k = 1) R squared, 0 where negative.
    """
    if truth.shape[1] == 1:
        total = float(((truth - truth.mean()) ** 2).sum())
        return max(0.0, 1 - float(((truth - copied) ** 2).sum()) / total) if total else 1.0
    return float(np.mean([same.mean() for same in _by_class(truth, copied)]))


@dataclass(frozen=True, slots=True, order=True)
class Agreement:
    """Agreement of a copy, and the 95% interval that the number of rows it was judged by leaves."""

    share: float
    low: float
    high: float

    @classmethod
    def of(cls, truth: Outputs, copied: Outputs) -> "Agreement":
        """Agreement of scores [n, k] with the model's.

        Each class has the interval of Agresti and Coull (1998), their mean that of independent parts; R squared has the
        normal one of a ratio of means.
        """
        share, spread = agreement(truth, copied), _quantity_error(truth, copied)
        if truth.shape[1] == 1:
            return cls(share, max(0.0, share - _Z * spread), min(1.0, share + _Z * spread))
        parts = _by_class(truth, copied)
        rows = np.array([len(same) + _Z**2 for same in parts])
        middle = (np.array([same.sum() for same in parts]) + _Z**2 / 2) / rows
        reach = _Z * float(np.sqrt((middle * (1 - middle) / rows).sum())) / len(parts)
        low, high = float(middle.mean()) - reach, float(middle.mean()) + reach
        return cls(share, max(0.0, min(low, share)), min(1.0, max(high, share)))


def _by_class(truth: Outputs, copied: Outputs) -> list[np.ndarray]:
    """Whether the rows that the model puts in a class get the same one, class by class."""
    called, same = truth.argmax(axis=1), truth.argmax(axis=1) == copied.argmax(axis=1)
    return [same[called == one] for one in np.unique(called)]


def _quantity_error(truth: Outputs, copied: Outputs) -> float:
    """Standard error of R squared, by the delta method."""
    squares, total = (truth - copied)[:, 0] ** 2, (truth - truth.mean())[:, 0] ** 2
    if not total.any():
        return 0.0
    ratio = squares.mean() / total.mean()
    return float((squares - ratio * total).std() / total.mean() / len(truth) ** 0.5)
