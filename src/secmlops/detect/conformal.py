"""Conformal calibration: from a score to a p-value, and to a threshold whose rate of false flags is what was asked for.

If a new row and the calibration rows come from the same distribution in any order (exchangeable), then the probability
of a p-value at most alpha is at most alpha, whatever the detector and the distribution (Vovk, Gammerman and Shafer,
"Algorithmic Learning in a Random World", 2005; for anomalies Laxhammar and Falkman, 2010). The guarantee is marginal:
it averages over calibration sets. It is void where the calibration rows were tampered with, or no longer are what
honest rows look like. Calibration rows must not be those the detector learned from.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.binomial import exchangeable_interval
from secmlops.runtime.arrays import pack, unpack


def least_size(alpha: float) -> int:
    """Smallest number of calibration scores with which a threshold at ``alpha`` flags anything: ceil(1/alpha) - 1."""
    if not 0 < alpha < 1:
        raise InputError(f"{alpha} is no rate of false flags", hint="write a number between 0 and 1, such as 0.01")
    return math.ceil(round(1 / alpha, 9)) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Scores float64 [n] of calibration rows, sorted: what honest rows score."""

    KIND: ClassVar[str] = "calibration"

    scores: npt.NDArray[np.float64]

    @classmethod
    def of(cls, scores: npt.NDArray[np.float64]) -> "Calibration":
        """Calibration from scores in any order; raises InputError unless there are some and all are finite."""
        if scores.ndim != 1 or not len(scores) or not np.isfinite(scores).all():
            raise InputError("a calibration needs scores in one row, at least one and all finite")
        return cls(np.sort(scores.astype(np.float64)))

    @property
    def size(self) -> int:
        """Number n of calibration scores."""
        return len(self.scores)

    def p_values(
        self, scores: npt.NDArray[np.float64], generator: np.random.Generator | None = None
    ) -> npt.NDArray[np.float64]:
        """P-value in (0, 1] of each score: the share of rows, itself included, that score at least as high.

        With a ``generator`` ties are broken at random, and p-values of exchangeable rows are exactly uniform; without,
        they are conservative. NaN and infinity are stranger than everything.
        """
        at_least = self.size - self.scores.searchsorted(scores, "left")
        if generator is None:
            return (at_least + 1) / (self.size + 1)
        above = self.size - self.scores.searchsorted(scores, "right")
        return (above + (at_least - above + 1) * (1 - generator.random(len(scores)))) / (self.size + 1)

    def p_value(self, score: float) -> float:
        """P-value of one score that is a number, quicker than ``p_values`` of one."""
        size = len(self.scores)
        return (size - bisect_left(self.scores, score) + 1) / (size + 1)

    def to_bytes(self) -> bytes:
        """Everything learned."""
        return pack(self.KIND, {"scores": self.scores})

    @classmethod
    def from_bytes(cls, data: bytes) -> "Calibration":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        scores = unpack(data, cls.KIND, {"scores": ("F64", 1)})["scores"]
        if not len(scores) or (np.diff(scores) < 0).any():
            raise VerificationError("the stored calibration is empty or not sorted")
        return cls(scores)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Rows are flagged that score above ``score``, the ``rank``-th largest of ``size`` calibration scores.

    ``rate`` is the expected share of honest rows flagged, at most ``alpha``; with ties it is less.
    """

    alpha: float
    score: float
    rank: int
    size: int

    @classmethod
    def at(cls, calibration: Calibration, alpha: float) -> "Threshold":
        """Threshold of false-flag rate ``alpha``; raises InputError when the calibration is too small for it."""
        if calibration.size < (least := least_size(alpha)):
            raise InputError(
                f"{calibration.size} calibration rows are too few for a false-flag rate of {alpha:g}",
                hint=f"use at least {least}, better {10 * least}: with few, the rate hangs on chance",
            )
        rank = math.floor(round(alpha * (calibration.size + 1), 9))
        return cls(alpha, float(calibration.scores[-rank]), rank, calibration.size)

    @property
    def rate(self) -> float:
        """Expected false-flag rate over calibration sets, where scores do not tie."""
        return self.rank / (self.size + 1)

    def flags(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Which scores are flagged; NaN always is."""
        return ~(scores <= self.score)

    def expected_flags(self, rows: int, confidence: float = 0.95) -> tuple[int, int]:
        """Fewest and most flags among honest ``rows`` that are no surprise, the chance of the calibration included."""
        return exchangeable_interval(rows, self.rank, self.size, confidence)
