"""How far a count may stray by chance: exact intervals of binomial and beta-binomial counts and shares."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError

_HALVINGS = 60


def count_interval(trials: int, rate: float, confidence: float = 0.95) -> tuple[int, int]:
    """Counts of successes among ``trials`` of probability ``rate``, from first to last, that are no surprise.

    Each tail outside holds at most (1 - confidence) / 2.
    """
    _check(trials, rate, confidence)
    return _central(_binomial(trials, rate), confidence)


def exchangeable_interval(trials: int, rank: int, size: int, confidence: float = 0.95) -> tuple[int, int]:
    """Counts of ``trials`` new values above the ``rank``-th largest of ``size`` old ones, all of one distribution.

    Beta-binomial: the share above that value is itself Beta(rank, size + 1 - rank) distributed (Vovk, "Conditional
    validity of inductive conformal predictors", 2012): it is wider than the binomial interval of rank / (size + 1).
    """
    if not 1 <= rank <= size:
        raise InputError(f"rank {rank} is not between 1 and {size}")
    _check(trials, 0.5, confidence)
    a, b, x = rank, size + 1 - rank, np.arange(trials)
    steps = np.log((trials - x) * (a + x) / ((x + 1.0) * (b + trials - x - 1)))
    return _central(_normalised(steps), confidence)


def share_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Probabilities that do not contradict ``successes`` of ``trials`` (Clopper and Pearson, 1934)."""
    _check(trials, 0.5, confidence)
    if not 0 <= successes <= trials:
        raise InputError(f"{successes} of {trials} is no share")
    tail = (1 - confidence) / 2
    low = _root(lambda p: float(_binomial(trials, p)[successes:].sum()) - tail) if successes else 0.0
    high = _root(lambda p: tail - float(_binomial(trials, p)[: successes + 1].sum())) if successes < trials else 1.0
    return low, high


def _check(trials: int, rate: float, confidence: float) -> None:
    if trials < 1 or not 0 < rate < 1 or not 0 < confidence < 1:
        raise InputError(f"no interval of {trials} trials at rate {rate} and confidence {confidence}")


def _binomial(trials: int, rate: float) -> npt.NDArray[np.float64]:
    """Probabilities [trials + 1] of each count."""
    x = np.arange(trials)
    return _normalised(np.log((trials - x) / (x + 1.0)) + np.log(rate / (1 - rate)))


def _normalised(steps: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities of 0, 1, ... from the logarithms of the ratios of neighbours."""
    logs = np.append(0.0, np.cumsum(steps))
    weights = np.exp(logs - logs.max())
    total: npt.NDArray[np.float64] = weights / weights.sum()
    return total


def _central(probabilities: npt.NDArray[np.float64], confidence: float) -> tuple[int, int]:
    tail = (1 - confidence) / 2
    below = np.cumsum(probabilities)
    return int(np.searchsorted(below, tail, "right")), int(np.searchsorted(below, 1 - tail))


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return (low + high) / 2
