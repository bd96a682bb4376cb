"""The accountant of steps over Poisson samples: Opacus's, which composes privacy random variables (PRV).

Gopi, Lee and Wutschitz (NeurIPS 2021) compose the loss numerically and bound the error; what is told is the upper
bound. Opacus and PyTorch are an extra: without them nothing is sampled.
"""

import math
import warnings
from typing import Any

import numpy as np

from secmlops.core.errors import InputError

Steps = tuple[float, float, int]
"""Noise multiplier, chance of a row to be in a step, number of steps."""

_TOLERANCE = 0.005
"""Share of the asked epsilon that the search for the noise may leave unspent."""
_ERROR = 0.01
"""Largest error of epsilon that the accountant may make, and add to what it tells; less where epsilon is small."""


def epsilon_of_samples(steps: Steps, looks: float, delta: float) -> float:
    """Upper bound on epsilon at ``delta`` of ``steps`` together with mechanisms of mu ``looks`` over all rows."""
    noise_multiplier, rate, count = steps
    if noise_multiplier == 0:
        return math.inf
    accountant = _prv_accountant()
    accountant.history = [(noise_multiplier, rate, count)] + ([(1 / looks, 1.0, 1)] if looks else [])
    epsilon = _epsilon(accountant, delta, _ERROR)
    return epsilon if epsilon > 50 * _ERROR else _epsilon(accountant, delta, epsilon / 50)


def noise_for_samples(epsilon: float, delta: float, sampling: tuple[float, int], looks: float) -> float:
    """Least noise multiplier, but for a small tolerance, whose epsilon is at most ``epsilon``.

    ``sampling`` is the chance of a row to be in a step, and the number of steps.
    """
    low, high = 0.0, 1.0
    while (found := epsilon_of_samples((high, *sampling), looks, delta)) > epsilon:
        low, high = high, 2 * high
    while found < epsilon * (1 - _TOLERANCE) and high - low > _TOLERANCE * high:
        middle = (low + high) / 2
        tried = epsilon_of_samples((middle, *sampling), looks, delta)
        if tried <= epsilon:
            high, found = middle, tried
        else:
            low = middle
    return high


def _epsilon(accountant: Any, delta: float, error: float) -> float:
    with warnings.catch_warnings(), np.errstate(divide="ignore"):  # log(0) at a rate of 1, and advice on orders
        warnings.simplefilter("ignore")
        return float(accountant.get_epsilon(delta, eps_error=error))


def _prv_accountant() -> Any:
    try:
        from opacus.accountants import PRVAccountant  # noqa: PLC0415  # an extra that brings PyTorch
    except ImportError:
        hint = 'pip install "secmlops[private]", or take a linear model with gradient_descent'
        raise InputError("Opacus is not installed, and sgd does not run without it", hint=hint) from None
    return PRVAccountant()
