"""Confidence intervals by the stratified percentile bootstrap (Efron & Tibshirani 1993), a block of resamples at once.

A resample is told by how often each row was drawn, so a metric that takes weights needs no copies of the rows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.assurance.metrics import Floats, Weights
from secmlops.core.errors import InputError

BLOCK_CELLS = 1 << 18
"""Weights held at once: 1 MiB of float32, what a core's cache holds."""

Statistics = Callable[[Weights], Mapping[str, Floats]]
"""Named metrics [b] of weights [b, n]."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``, both included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How intervals are drawn: the number of ``resamples``, the ``confidence`` level in (0, 1), and the ``seed``."""

    resamples: int
    confidence: float
    seed: int

    def __post_init__(self) -> None:
        if self.resamples < 100:
            raise InputError(f"{self.resamples} resamples make no interval", hint="give 100 or more; 1000 is usual")
        if not 0 < self.confidence < 1:
            raise InputError(f"a confidence of {self.confidence} is not between 0 and 1", hint="0.95 is usual")

    def distributions(self, statistics: Statistics, strata: npt.NDArray[np.int64]) -> dict[str, Floats]:
        """Values [resamples] of each statistic; every resample draws as many rows of each stratum as there are."""
        blocks = [statistics(weights) for weights in self._weights(strata)]
        return {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]}

    def interval(self, values: Floats) -> Interval:
        """Percentile interval of a bootstrap distribution."""
        tail = (1 - self.confidence) / 2
        low, high = np.quantile(values, [tail, 1 - tail])
        return Interval(float(low), float(high))

    def _weights(self, strata: npt.NDArray[np.int64]) -> Iterator[Weights]:
        rng = np.random.default_rng(self.seed)
        members = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
        at_once = max(1, BLOCK_CELLS // len(strata))
        for start in range(0, self.resamples, at_once):
            height = min(at_once, self.resamples - start)
            weights = np.empty((height, len(strata)), np.float32)
            for rows in members:
                weights[:, rows] = _draw_counts(rng, height, len(rows))
            yield weights


def _draw_counts(rng: np.random.Generator, height: int, size: int) -> npt.NDArray[np.int64]:
    """How often each of ``size`` rows falls in each of ``height`` draws of ``size`` with replacement [height, size]."""
    drawn = rng.integers(size, size=(height, size))
    drawn += np.arange(height)[:, None] * size
    return np.bincount(drawn.ravel(), minlength=height * size).reshape(height, size)
