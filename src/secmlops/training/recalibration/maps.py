"""Maps from a probability to a better one: each is fitted to answers and outcomes, and falls nowhere.

Beside the probability of a class comes that of all others: in float32 near 1 only the latter has figures left.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

FLOOR = 1e-5
"""Probabilities are kept off 0 by this much before a logarithm is taken."""
_GRID = 16
"""Log odds are told apart to a part of so many: then rounding in float32 does not leap from one step to the next."""
_FREE = 1e6
"""Inverse of the penalty of a fit that is to have none."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """Log odds are ``rise`` times log p, less ``fall`` times log(1 - p), plus ``shift``; neither slope is below 0.

    With equal slopes it is a line in the log odds: Platt scaling.
    """

    rise: float
    fall: float
    shift: float

    def __call__(self, own: Floats, rest: Floats) -> Floats:
        """Better probabilities [n] of a class, from its ``own`` [n] and the ``rest`` [n]."""
        risen, fallen = _log(own), _log(rest)
        better: Floats = np.exp(-np.logaddexp(0, fallen * self.fall - risen * self.rise - self.shift))
        return better


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Straight between the ``values`` [m] at the log odds ``knots`` [m], which rise, and level beyond them."""

    knots: Floats
    values: Floats

    def __call__(self, own: Floats, rest: Floats) -> Floats:
        """Better probabilities [n] of a class, from its ``own`` [n] and the ``rest`` [n]."""
        return np.interp(_log(own) - _log(rest), self.knots, self.values)


Map: TypeAlias = LogLine | Steps


def platt(own: Floats, rest: Floats, event: Flags) -> LogLine:
    """Fit Platt's sigmoid on the log odds of answers [n] to outcomes [n].

    Outcomes count as he has them, not quite 0 and 1: (events + 1) / (events + 2) and 1 / (others + 2).
    """
    (slope,), shift = _line((_log(own) - _log(rest))[:, None], event)
    return LogLine(max(slope, 0.0), max(slope, 0.0), shift if slope > 0 else _level(event))


def beta(own: Floats, rest: Floats, event: Flags) -> LogLine:
    """Fit beta calibration: as Platt's, with a slope of its own towards 0 and towards 1.

    A slope that would fall is left out and the other fitted again, as its authors have it.
    """
    columns = np.stack([_log(own), -_log(rest)], axis=1)
    slopes, shift = _line(columns, event)
    if slopes.min() < 0:
        used = int(slopes.argmax())
        slopes = np.zeros(2)
        (one,), shift = _line(columns[:, [used]], event)
        slopes[used], shift = (one, shift) if one > 0 else (0.0, _level(event))
    return LogLine(float(slopes[0]), float(slopes[1]), shift)


def isotonic(own: Floats, rest: Floats, event: Flags) -> Steps:
    """Fit the rising steps nearest to the outcomes in squares, with straight lines from step to step.

    No step is nearer to 0 or 1 than one more event, or other, among all n would put it.
    """
    odds, place, rows = np.unique(
        np.round((_log(own) - _log(rest)) * _GRID) / _GRID, return_inverse=True, return_counts=True
    )
    share = np.bincount(place, weights=event) / rows
    level = IsotonicRegression().fit_transform(odds, share, sample_weight=rows)
    rises = np.diff(level) != 0
    corners = np.append(True, rises) | np.append(rises, True)
    least = 1 / (len(event) + 2)
    return Steps(odds[corners], np.clip(level[corners], least, 1 - least))


MAPS: Mapping[str, Callable[[Floats, Floats, Flags], Map]] = MappingProxyType(
    {"isotonic": isotonic, "platt": platt, "beta": beta}
)


def _log(probability: Floats) -> Floats:
    kept: Floats = np.log(np.clip(probability, FLOOR, 1))
    return kept


def _line(columns: Floats, event: Flags) -> tuple[Floats, float]:
    """Slopes and intercept of the logistic regression of the outcomes, drawn in as Platt's, on ``columns`` [n, k]."""
    events = int(event.sum())
    target = np.where(event, (events + 1) / (events + 2), 1 / (len(event) - events + 2))
    model = LogisticRegression(C=_FREE, solver="newton-cholesky", max_iter=1000)
    both = np.repeat([1, 0], len(event))
    model.fit(np.concatenate([columns, columns]), both, sample_weight=np.concatenate([target, 1 - target]))
    return model.coef_[0].astype(np.float64), float(model.intercept_[0])


def _level(event: Flags) -> float:
    """Log odds of an event among all: the map of answers that tell nothing, or the opposite."""
    share = (float(event.sum()) + 1) / (len(event) + 2)
    return float(np.log(share / (1 - share)))
