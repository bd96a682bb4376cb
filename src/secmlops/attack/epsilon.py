"""What a membership attack proves about differential privacy: a lower bound on epsilon, from one training run.

Steinke, Nasr and Jagielski (NeurIPS 2023): of r guesses about rows that were in or out with equal chance, a mechanism
with epsilon-differential privacy lets no more be right than a binomial of chance e^epsilon / (1 + e^epsilon). Guesses
are made about the rows with the highest and the lowest scores only.
"""

import math

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_MOST = 20.0
_STEPS = 60


def epsilon_lower_bound(score: Matrix, member: npt.NDArray[np.bool_], confidence: float = 0.95) -> float:
    """Lower bound on epsilon (delta 0), from scores [n] of as many members as others; 0 where nothing is proved.

    With epsilon-delta privacy the confidence is less by about n times delta (theorem 5.2 there). Several shares of
    guesses are tried, and paid for by Bonferroni's correction.
    """
    mixed = np.random.default_rng(0).permutation(len(score))  # equal scores must not stand in the order of the rows
    order = mixed[np.argsort(-score[mixed], kind="stable")]
    level = (1 - confidence) / len(_SHARES)
    best = 0.0
    for share in _SHARES:
        each = int(share * len(score) / 2)
        if each:
            right = int(member[order[:each]].sum() + (~member[order[-each:]]).sum())
            best = max(best, _bound(right, 2 * each, level))
    return best


def _bound(right: int, guesses: int, level: float) -> float:
    """Largest epsilon at which so many right guesses have a chance of at most ``level``."""
    low, high = 0.0, _MOST
    if _tail(right, guesses, 0.5) > level:
        return 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _tail(right, guesses, 1 / (1 + math.exp(-middle))) <= level:
            low = middle
        else:
            high = middle
    return low


def _tail(right: int, guesses: int, chance: float) -> float:
    """Chance of ``right`` or more of a binomial."""
    counts = range(right, guesses + 1)
    logs = [_log_choose(guesses, k) + k * math.log(chance) + (guesses - k) * math.log1p(-chance) for k in counts]
    return min(1.0, math.fsum(map(math.exp, logs)))


def _log_choose(total: int, chosen: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(chosen + 1) - math.lgamma(total - chosen + 1)
