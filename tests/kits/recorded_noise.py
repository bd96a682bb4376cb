"""Noise that hides nothing and keeps a record, for comparing what two fits on neighbouring tables would hide."""

from collections.abc import Sequence

import numpy as np

from secmlops.training.private.noise import Noise


class Recorded(Noise):
    """Adds nothing, and keeps what it was asked to hide: ``asked`` are pairs of values and scale.

    With the record of an ``earlier`` fit it answers what that one was answered, and samples what that one sampled: the
    fit goes on as if nobody could tell the two apart, which is how adaptive steps are compared.
    """

    def __init__(self, earlier: "Recorded | None" = None) -> None:
        self.asked: list[tuple[np.ndarray, float]] = []
        self.samples: list[np.ndarray] = []
        self._earlier = earlier

    def add(self, values: np.ndarray, scale: float) -> np.ndarray:
        self.asked.append((values.copy(), scale))
        return self._earlier.asked[len(self.asked) - 1][0].copy() if self._earlier else values

    def sample(self, rows: int, rate: float) -> np.ndarray:
        drawn = super().sample(rows, rate) if self._earlier is None else self._earlier.samples[len(self.samples)]
        self.samples.append(drawn)
        return drawn[drawn < rows]


def mu_between(one: Recorded, other: Recorded) -> float:
    """Mu of all that two fits on neighbouring tables asked to hide: root of the sum of squared distances to noise."""
    pairs: Sequence = list(zip(one.asked, other.asked, strict=True))
    return float(np.sqrt(sum(np.sum((a - b) ** 2) / scale**2 for (a, scale), (b, _) in pairs)))
