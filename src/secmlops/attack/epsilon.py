"""What a membership attack proves about differential privacy: a lower bound on epsilon, from one training run.

Steinke, Nasr and Jagielski (NeurIPS 2023): of r guesses about rows that were in or out with equal chance, a mechanism
with epsilon-differential privacy lets no more be right than a binomial of chance e^epsilon / (1 + e^epsilon). Guesses
are made about the rows with the highest and the lowest scores only.
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_MOST = 20.0
_STEPS = 60


def epsilon_lower_bound(
    score: Matrix, member: npt.NDArray[np.bool_], confidence: float = 0.95, delta: float = 0.0
) -> float:
    """Lower bound on epsilon at ``delta``, from scores [n] of as many members as others; 0 where nothing is proved.

    Theorem 5.2 there. Several shares of guesses are tried, and paid for by Bonferroni's correction.
    """
    mixed = np.random.default_rng(0).permutation(len(score))  # equal scores must not stand in the order of the rows
    order = mixed[np.argsort(-score[mixed], kind="stable")]
    level = (1 - confidence) / len(_SHARES)
    best = 0.0
    for share in _SHARES:
        each = int(share * len(score) / 2)
        if each:
            right = int(member[order[:each]].sum() + (~member[order[-each:]]).sum())
            best = max(best, _bound(right, 2 * each, level, delta * len(score)))
    return best


def _bound(right: int, guesses: int, level: float, failures: float) -> float:
    """Largest epsilon at which so many right guesses have a chance of at most ``level``.

    ``failures`` is delta times the number of rows, whether guessed about or not.
    """
    low, high = 0.0, _MOST
    if _chance(right, guesses, 0.0, failures) > level:
        return 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _chance(right, guesses, middle, failures) <= level else (low, middle)
    return low


def _chance(right: int, guesses: int, epsilon: float, failures: float) -> float:
    """Most that ``right`` or more right guesses can be likely: the tail of a binomial, and what failures add."""
    rate = 1 / (1 + math.exp(-epsilon))
    tails = _tails(guesses, rate)
    tail = float(tails[right])
    if not (failures and right):
        return tail
    more = np.arange(1, right + 1)
    return min(1.0, tail + 2 * failures * float(np.max((tails[right - more] - tail) / more)))


def _tails(guesses: int, rate: float) -> Matrix:
    """Chance [guesses + 1] of so many or more of a binomial."""
    counts = np.arange(guesses + 1)
    chances = np.exp(_log_choose(guesses) + counts * math.log(rate) + (guesses - counts) * math.log1p(-rate))
    tails: Matrix = np.minimum(1.0, np.cumsum(chances[::-1])[::-1])
    return tails


@lru_cache(maxsize=len(_SHARES))
def _log_choose(total: int) -> Matrix:
    """Logarithms [total + 1] of the binomial coefficients."""
    logs = np.cumsum([0.0, *map(math.log, range(1, total + 1))])
    return np.asarray(logs[-1] - logs - logs[::-1])
