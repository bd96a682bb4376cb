"""Tells labels that a trigger decides from labels that a natural rule only makes likelier.

Who plants a trigger gives one label to rows whatever they look like; but for a few that held its values before, all
are of one class. By nature the odds of a class shift: the rows that speak most against it keep another label.
"""

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.additive import sigmoid

Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_WIDEST = 7.0
_STEPS = 141
_NATURAL = np.linspace(0, 0.5, 26)[:, None]  # share of the rows that hold the values without having been planted
_MISTAKES = 1e-3
_SLACK = 1e-3
_ROUNDS = 6
_SHIFT = 4.0


def planted_rather_than_shifted(logits: Matrix, hit: Mask, usual: float, spread: float) -> float:
    """Nats by which a trigger explains the labels better than a shift of the log odds does.

    ``logits`` [m] of the class by a model that has not seen these rows, and whether they are of it, ``hit`` [m]. A
    natural shift is normal about ``usual`` with the deviation ``spread``.
    """
    steps = np.linspace(-_WIDEST, _WIDEST, _STEPS)
    shifted = _log_likelihood(sigmoid(logits + usual + steps[:, None]), hit) - (steps / spread) ** 2 / 2
    return _planted(logits, hit) - float(shifted.max())


def planted_rather_than_expected(logits: Matrix, hit: Mask) -> float:
    """Nats by which a trigger explains the labels better than the model does that has not seen these rows."""
    return _planted(logits, hit) - float(_log_likelihood(sigmoid(logits), hit))


def log_odds(probabilities: Matrix) -> Matrix:
    """Log odds of probabilities, of which none is quite certain."""
    held = probabilities.clip(_SLACK, 1 - _SLACK)
    odds: Matrix = np.log(held / (1 - held))
    return odds


def shift_of(logits: Matrix, hit: Mask) -> float:
    """Log odds that these rows have beyond ``logits``, drawn a little to 0 and bounded."""
    shift = 0.0
    for _ in range(_ROUNDS if len(hit) else 0):
        expected = sigmoid(logits + shift)
        gradient = float((hit - expected).sum()) - shift / 4
        shift += gradient / (float((expected * (1 - expected)).sum()) + 1 / 4)
        shift = min(max(shift, -_SHIFT), _SHIFT)
    return shift


def _planted(logits: Matrix, hit: Mask) -> float:
    chances = (1 - _NATURAL) * (1 - _MISTAKES) + _NATURAL * sigmoid(logits)
    return float(_log_likelihood(chances, hit).max())


def _log_likelihood(probabilities: Matrix, hit: Mask) -> Matrix:
    sums: Matrix = np.where(hit, np.log(probabilities), np.log1p(-probabilities)).sum(axis=-1)
    return sums
