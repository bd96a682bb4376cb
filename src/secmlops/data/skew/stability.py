"""The population stability index of one feature between two tables, and whether chance explains it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_PRIOR_ROWS = 0.5


@dataclass(frozen=True, slots=True)
class Stability:
    """``index`` is the population stability index; ``excess`` what of it is beyond the 0.999 quantile of chance."""

    feature: str
    index: float
    excess: float


def stability(feature: str, before: Sequence[int], after: Sequence[int]) -> Stability:
    """Compare the counts of the same bins.

    The index is the sum over bins of (q - p) ln(q / p) (Siddiqi, Credit Risk Scorecards, 2006: below 0.1 little has
    changed, above 0.25 much), half a row added to each bin, so that an empty one is not infinitely far. Of equal
    distributions it is (1/n + 1/m) times chi-square of one degree of freedom fewer than bins (Yurdakul and Naranjo,
    Journal of Risk Model Validation 14, 2020), whose quantile is taken after Wilson and Hilferty.
    """
    counts = np.array([before, after], np.float64)
    used = counts.sum(axis=0) > 0
    counts = counts[:, used] + _PRIOR_ROWS
    rows = counts.sum(axis=1)
    shares = counts / rows[:, None]
    index = float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))
    return Stability(feature, index, index - float((1 / rows).sum()) * _by_chance(int(used.sum()) - 1))


def _by_chance(freedom: int) -> float:
    if freedom < 1:
        return 0.0
    part = 2 / (9 * freedom)
    return freedom * (1 - part + 3.09 * math.sqrt(part)) ** 3
