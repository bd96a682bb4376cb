"""The line that would make predictions right: slope 1 and intercept 0 mean that they already are."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from secmlops.assurance.bootstrap import Interval
from secmlops.assurance.metrics import PROBABILITY_FLOOR, Flags, Floats

_STEPS = 50
_CONVERGED = 1e-9
_FLAT = 1e-5
"""Log odds, or parts of a quantity's size, that float32 outputs hardly tell apart."""


@dataclass(frozen=True, slots=True)
class Line:
    """``intercept`` and ``slope`` of the outcome on the prediction, and the slope's standard error."""

    intercept: float
    slope: float
    slope_error: float

    def slope_interval(self, confidence: float) -> Interval:
        """Wald interval of the slope."""
        reach = NormalDist().inv_cdf((1 + confidence) / 2) * self.slope_error
        return Interval(self.slope - reach, self.slope + reach)


def logit(probability: Floats) -> Floats:
    """Log odds; probabilities are kept off 0 and 1 by float32's epsilon."""
    kept = np.clip(probability, PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
    return np.log(kept) - np.log1p(-kept)


def logistic_line(event: Flags, probability: Floats) -> Line | None:
    """Recalibration line on the logit scale (Cox 1958): a slope below 1 tells of overconfidence.

    Fitted by maximum likelihood. None where there is no such line, because the probabilities are all alike or separate
    the events from the others, or where it cannot be found.
    """
    odds = logit(probability)
    if np.ptp(odds) < _FLAT or _separated(event, odds):
        return None
    design = np.stack([np.ones_like(odds), odds], axis=1)
    weights = np.zeros(2)
    for _ in range(_STEPS):
        information, score = _curvature(design, event, weights)
        step = _uphill(design, event, weights, np.linalg.solve(information, score).astype(np.float64))
        weights = weights + step
        if np.abs(step).max() <= _CONVERGED * (1 + np.abs(weights).max()):
            error = float(np.sqrt(np.linalg.inv(information)[1, 1]))
            return Line(float(weights[0]), float(weights[1]), error)
    return None


def in_the_large(event: Flags, probability: Floats) -> float:
    """Calibration in the large: the shift of all log odds that would make the mean probability the share of events.

    Above 0: events are more frequent than predicted. Needs events and others.
    """
    odds = logit(probability)
    low, high = -40.0, 40.0  # beyond any logit of a float32 probability; the mean rises with the shift
    for _ in range(60):
        middle = (low + high) / 2
        if _sigmoid(odds + middle).mean() < event.mean():
            low = middle
        else:
            high = middle
    return (low + high) / 2


def straight_line(target: Floats, predicted: Floats) -> Line | None:
    """Least-squares line of a quantity on its prediction; None where the predictions are all alike."""
    if np.ptp(predicted) <= _FLAT * float(np.abs(predicted).max()):
        return None
    centred = predicted - predicted.mean()
    spread = float(centred @ centred)
    slope = float(centred @ target) / spread
    intercept = float(target.mean() - slope * predicted.mean())
    residual = target - intercept - slope * predicted
    return Line(intercept, slope, float(np.sqrt(residual @ residual / max(len(target) - 2, 1) / spread)))


def _separated(event: Flags, odds: Floats) -> bool:
    """Whether a threshold parts events from others: the likelihood then has no maximum (Albert & Anderson 1984)."""
    events, others = odds[event], odds[~event]
    return bool(events.min() >= others.max() or events.max() <= others.min())


def _curvature(design: Floats, event: Flags, weights: Floats) -> tuple[Floats, Floats]:
    """Fisher information [2, 2] and score [2] of the logistic likelihood."""
    chance = _sigmoid(design @ weights)
    information = (design * (chance * (1 - chance))[:, None]).T @ design
    return information, design.T @ (event - chance)


def _uphill(design: Floats, event: Flags, weights: Floats, step: Floats) -> Floats:
    """Newton's step, halved until the likelihood does not fall: it is concave, so that this always arrives."""
    here = _log_likelihood(design @ weights, event)
    while _log_likelihood(design @ (weights + step), event) < here - 1e-9 * abs(here):
        step = step / 2
    return step


def _log_likelihood(odds: Floats, event: Flags) -> float:
    return -float(np.logaddexp(0, np.where(event, -odds, odds)).sum())


def _sigmoid(value: Floats) -> Floats:
    return np.exp(-np.logaddexp(0, -value))
