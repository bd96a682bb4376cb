"""Tells labels that were changed from a slice that is different by nature, and says which of its rows they are.

Who flips labels takes rows of one class whatever they look like: of all, likely and unlikely ones, the same share is
left. By nature the odds of a class shift: the likeliest rows are left most often.
"""

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LIKELIER = float(np.log(100))
_STEPS = 200
_WIDEST = 7.0
_FLOOR = 3e-3


def flipped_rather_than_shifted(expected: Matrix, held: Mask) -> float:
    """Nats by which flips explain a slice better than a shift of the log odds, for which 1 is a usual size.

    ``expected`` [m] of each row to be of the class, and whether it is, ``held`` [m].
    """
    usual = expected.clip(_FLOOR, 1 - _FLOOR)
    left = np.linspace(1, 1e-3, _STEPS)[:, None]
    shift = np.linspace(-_WIDEST, 0, _STEPS)[:, None]
    flips = _log_likelihood(left * usual, held)
    shifts = _log_likelihood(1 / (1 + np.exp(-np.log(usual / (1 - usual)) - shift)), held) - shift[:, 0] ** 2 / 2
    return float(flips.max() - shifts.max())


def likely_flipped(expected: Matrix, held: Mask) -> Mask:
    """Rows [m] that make up the set with the best expected F1 (Lipton, Elkan and Naryanaswamy, ECML 2014)."""
    flipped = 1 - min(float(held.sum()) / float(expected.sum()), 1.0)
    chance = np.where(held, 0.0, flipped * expected / (flipped * expected + 1 - expected))
    order = np.argsort(-chance, kind="stable")
    gained = 2 * np.cumsum(chance[order]) / (np.arange(1, len(order) + 1) + chance.sum())
    chosen = np.zeros(len(held), bool)
    chosen[order[: int(gained.argmax()) + 1]] = True
    return chosen & ~held


def _log_likelihood(probabilities: Matrix, held: Mask) -> Matrix:
    sums: Matrix = np.where(held, np.log(probabilities), np.log1p(-probabilities)).sum(axis=1)
    return sums
