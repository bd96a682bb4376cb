"""Finds values far from all others of their column, and rows whose values go together as in no other row.

Both measures are robust: what lies far out does not move the bounds that it is held against.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.quality.columns import Numbers

MINIMUM_ROWS = 50
MINIMUM_VALUES = 10
_TO_SIGMA = 1.4826
_BEYOND_LARGEST = 2.0
_SHRINKAGE = 0.01
_TAIL = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class Outliers:
    """``cells`` gives the row numbers of far values by column, columns without any left out; ``rows`` of odd rows."""

    cells: Mapping[str, npt.NDArray[np.intp]]
    rows: npt.NDArray[np.intp]


def find_outliers(columns: Mapping[str, Numbers]) -> Outliers:
    """Look at numeric columns [n], NaN where missing; below 50 rows nothing can be said, and nothing is found."""
    rows = len(next(iter(columns.values()), ()))
    if rows < MINIMUM_ROWS:
        return Outliers({}, np.empty(0, np.intp))
    varied = {name: values for name, values in columns.items() if _is_varied(values)}
    cells = {name: found for name, values in varied.items() if len(found := np.flatnonzero(far_values(values)))}
    return Outliers(cells, _odd_rows(varied, rows))


def far_values(values: Numbers) -> npt.NDArray[np.bool_]:
    """Whether each value is far out, as given and, where all are positive, on a logarithmic scale too.

    Distance from the median in units of the median absolute deviation of its own side (Rousseeuw and Croux, JASA 88,
    1993; each side by itself, so that skew is none). The bound lies two such units beyond the largest of as many normal
    numbers. A tail that is long on one scale only is not far.
    """
    known = values[np.isfinite(values)]
    bound = math.sqrt(2 * math.log(max(len(known), 2))) + _BEYOND_LARGEST
    far = _distance(values, known) > bound
    if len(known) and known.min() > 0:
        with np.errstate(invalid="ignore"):
            far &= _distance(np.log(values), np.log(known)) > bound
    return np.isfinite(values) & far


def _is_varied(values: Numbers) -> bool:
    return len(np.unique(values[np.isfinite(values)])) >= MINIMUM_VALUES


def _distance(values: Numbers, known: Numbers) -> Numbers:
    middle = float(np.median(known))
    above, below = known[known > middle] - middle, middle - known[known < middle]
    units = [_TO_SIGMA * float(np.median(side)) if len(side) else math.inf for side in (below, above)]
    return np.abs(values - middle) / np.where(values < middle, *units)


def _odd_rows(columns: Mapping[str, Numbers], rows: int) -> npt.NDArray[np.intp]:
    """Rows by the Mahalanobis distance of their normal scores, in which far values count no more than others.

    The rank correlation behind it withstands a share of odd rows (Croux and Dehon, Statistical Methods and Applications
    19, 2010). A row is odd beyond the bound that chi-square gives the largest of as many rows, and beyond six times the
    distance from the median to the ninth decile.
    """
    if len(columns) < 2:
        return np.empty(0, np.intp)
    scores = np.stack([_normal_scores(values) for values in columns.values()], axis=1)
    correlation = (1 - _SHRINKAGE) * np.nan_to_num(np.atleast_2d(np.corrcoef(scores, rowvar=False)))
    np.fill_diagonal(correlation, 1.0)
    distances = np.sum(scores @ np.linalg.inv(correlation) * scores, axis=1)
    middle, tail = np.quantile(distances, [0.5, 0.9])
    bound = max(_chi_square_quantile(len(columns), 0.01 / rows), middle + _TAIL * (tail - middle))
    return np.flatnonzero(distances > bound)


def _normal_scores(values: Numbers) -> Numbers:
    """Normal quantile of each value's mid-rank, 0 where missing (van der Waerden scores)."""
    known = np.isfinite(values)
    levels, places, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - counts / 2)[places] / max(int(known.sum()), 1)
    scores = np.zeros(len(values))
    scores[known] = _normal_quantile(ranks) if len(levels) > 1 else 0.0
    return scores


def _normal_quantile(probability: Numbers) -> Numbers:
    """Approximation with an error below 4.5e-4 (Abramowitz and Stegun, 26.2.23)."""
    t = np.sqrt(-2 * np.log(np.minimum(probability, 1 - probability)))
    size = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    return np.asarray(np.where(probability < 0.5, -size, size), np.float64)


def _chi_square_quantile(freedom: int, upper: float) -> float:
    """Upper quantile of chi-square (Wilson and Hilferty, PNAS 17, 1931)."""
    z = float(_normal_quantile(np.array([1 - upper]))[0])
    part = 2 / (9 * freedom)
    return freedom * float(1 - part + z * math.sqrt(part)) ** 3
