"""Gaussian differential privacy: the exact exchange of mu for epsilon and delta, and of both for noise.

A mechanism has mu-GDP when telling two neighbouring tables apart by it is no easier than telling a normal distribution
at 0 from one at mu (Dong, Roth and Su, arXiv:1905.02383, definition 2.6). A sum of vectors, of which one row changes
the sum by at most s, with normal noise of standard deviation s / mu has mu-GDP (theorem 2.7). Together, mechanisms have
the root of the sum of their squared mu (corollary 3.3), also where each is chosen by what the earlier ones said.
"""

import math

_MOST_MU = 1e3
_STEPS = 200


def delta_of(mu: float, epsilon: float) -> float:
    """Least delta at which mu-GDP gives (epsilon, delta): exact (corollary 2.13); 0 for a ``mu`` of 0."""
    if mu == 0:
        return 0.0
    if math.isinf(mu):
        return 1.0
    far = epsilon / mu + mu / 2
    other = math.exp(epsilon) * _below(-far) if epsilon < 700 else 0.0  # beyond, both are nothing
    return max(0.0, _below(mu / 2 - epsilon / mu) - other)


def epsilon_of(mu: float, delta: float) -> float:
    """Least epsilon at which mu-GDP gives (epsilon, delta), rounded up; infinite where ``mu`` is."""
    if math.isinf(mu):
        return math.inf
    low, high = 0.0, 1.0
    if delta_of(mu, 0.0) <= delta:
        return 0.0
    while delta_of(mu, high) > delta:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if delta_of(mu, middle) <= delta else (middle, high)
    return high


def mu_of(epsilon: float, delta: float) -> float:
    """Largest mu whose GDP gives (``epsilon``, ``delta``), rounded down: found by bisection."""
    low, high = 0.0, _MOST_MU
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if delta_of(middle, epsilon) <= delta else (low, middle)
    return low


def mu_of_steps(noise_multiplier: float, steps: int) -> float:
    """Mu of ``steps`` noisy sums over all rows, the noise ``noise_multiplier`` times what one row can change."""
    return math.sqrt(steps) / noise_multiplier if noise_multiplier else math.inf


def composed(*mus: float) -> float:
    """Mu of mechanisms together."""
    return math.hypot(*mus)


def upper_quantile(chance: float) -> float:
    """Value that a standard normal variable passes with this ``chance``, above 0 and at most 0.5; rounded up."""
    low, high = 0.0, 40.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if _below(-middle) <= chance else (middle, high)
    return high


def _below(value: float) -> float:
    """Normal distribution function, exact in the lower tail."""
    return math.erfc(-value / math.sqrt(2)) / 2
