"""The privacy loss of a release: epsilon and delta, and their sums, without an error of rounding."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from secmlops.core.errors import InputError

MAX_EPSILON = 100.0
"""Beyond this nothing is protected, so it is a slip of the pen (e to the 100th power is more than all atoms)."""


@dataclass(frozen=True, slots=True)
class PrivacyLoss:
    """(epsilon, delta) of approximate differential privacy (Dwork and Roth 2014, definition 2.4); pure with delta 0.

    Raises InputError unless 0 <= epsilon <= 100 and 0 <= delta < 1.
    """

    epsilon: float
    delta: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.epsilon) and 0 <= self.epsilon <= MAX_EPSILON):
            hint = "small is private: 1 is common for all releases together"
            raise InputError(f"epsilon is {self.epsilon}, not from 0 to {MAX_EPSILON:.0f}", hint=hint)
        if not 0 <= self.delta < 1:
            hint = "a chance of failure: far below one by the number of persons, such as 1e-9"
            raise InputError(f"delta is {self.delta}, not from 0 up to 1", hint=hint)

    def __add__(self, other: "PrivacyLoss") -> "PrivacyLoss":
        """Loss of both together (basic composition, theorem 3.16): decimal, so that ten times 0.1 is 1."""
        return PrivacyLoss(*(float(_exact(a) + _exact(b)) for a, b in self._pairs(other)))

    def __sub__(self, other: "PrivacyLoss") -> "PrivacyLoss":
        """What is left of this when the other is taken from it, never below nothing."""
        return PrivacyLoss(*(float(max(_exact(a) - _exact(b), Decimal(0))) for a, b in self._pairs(other)))

    def covers(self, other: "PrivacyLoss") -> bool:
        """Whether the other is no more than this, in epsilon and in delta."""
        return all(_exact(b) <= _exact(a) for a, b in self._pairs(other))

    @classmethod
    def read(cls, epsilon: str, delta: str = "0") -> Self:
        """Loss written as two numbers; raises InputError for anything else."""
        try:
            return cls(float(epsilon), float(delta))
        except ValueError:
            hint = "for example --epsilon 0.5 --delta 1e-9"
            raise InputError(f"{epsilon[:20]!r} and {delta[:20]!r} are not two numbers", hint=hint) from None

    def __str__(self) -> str:
        return f"epsilon {self.epsilon:g}" + (f", delta {self.delta:g}" if self.delta else "")

    def _pairs(self, other: "PrivacyLoss") -> tuple[tuple[float, float], tuple[float, float]]:
        return (self.epsilon, other.epsilon), (self.delta, other.delta)


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))
