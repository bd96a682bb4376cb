"""Measures the risk that is left: how likely an attacker is to know the row of a person again.

K. El Emam, Guide to the De-Identification of Personal Health Information, 2013, chapters 16 and 17. The prosecutor
knows that the person is in the table, the journalist does not, the marketer wants as many persons as possible.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.anonymise.cells import Integers

_TERMS = 10_000
_ACCURACY = 1e-12


@dataclass(frozen=True, slots=True)
class Risk:
    """Probabilities of a correct match, 0 to 1: the highest over all rows, and for the marketer the mean."""

    prosecutor: float
    journalist: float
    marketer: float
    at_risk: float


def measure_risk(sizes: Integers, sampling: float = 1.0, population: Integers | None = None) -> Risk:
    """Risk of classes of ``sizes`` [classes] rows; ``population`` [classes], persons with the same values out there.

    Where these are unknown they are estimated from ``sampling``, the share of the population that is in the table;
    with 1 the table is the population. ``at_risk`` is the share of rows whose prosecutor risk is above 0.2, the value
    at which public authorities commonly stop.
    """
    known = sizes.astype(np.float64)
    match = 1 / population if population is not None else _expected_match(sizes, sampling)
    return Risk(
        prosecutor=float(np.max(1 / known)),
        journalist=float(np.max(match)),
        marketer=float(np.sum(known * match) / known.sum()),
        at_risk=float(known[known < 5].sum() / known.sum()),
    )


def _expected_match(sizes: Integers, sampling: float) -> npt.NDArray[np.float64]:
    """Expected 1 / F [classes] where f of F persons were drawn, each with probability ``sampling``.

    F given f follows a negative binomial distribution (Benedetti and Franconi, Statistical and Technological Solutions
    for Controlled Data Dissemination, NTTS 1998).
    """
    if sampling >= 1:
        return 1 / sizes
    different, place = np.unique(sizes, return_inverse=True)
    return np.array([_expected_inverse(int(size), sampling) for size in different])[place]


def _expected_inverse(size: int, sampling: float) -> float:
    """Sum 1 / (f + j) over the j persons who were not drawn, with the probability of each j.

    What is left after many terms is counted as if it came at once: the risk is never understated.
    """
    total, left = 0.0, 1.0
    probability = sampling**size
    if probability == 0.0:
        return sampling / size
    for unseen in range(_TERMS):
        total += probability / (size + unseen)
        left -= probability
        if left / (size + unseen) < _ACCURACY:
            return total
        probability *= (1 - sampling) * (size + unseen) / (unseen + 1)
    return total + max(0.0, left) / (size + _TERMS)
