"""Noise that nobody can foretell: normal variables and samples of rows from the operating system's generator.

A seed of the project would let whoever knows it subtract the noise, so there is none: training again gives another
model. What is handed on lies on a grid that is coarse beside the last digits of a float and fine beside the noise, so
that these digits tell nothing of the sum underneath (Mironov, CCS 2012). That is a remedy and no proof: the chances of
the points of the grid are those of normal noise but for about 2**-53 each, and noise beyond 8.5 standard deviations
never comes, which has a chance of 2e-17.
"""

import math
import os

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

_STEPS = 20
"""The grid has 2**20 to 2**21 steps in a standard deviation."""


class Noise:
    """Draws from ``os.urandom``, the generator that makes keys (getrandom(2): ChaCha20 on Linux)."""

    def add(self, values: Numbers, scale: float) -> Numbers:
        """Values of any shape with normal noise of standard deviation ``scale``, on the grid; 0 adds nothing."""
        if scale == 0:
            return values
        grid = 2.0 ** (math.floor(math.log2(scale)) - _STEPS)
        noisy: Numbers = np.rint((values + scale * self._normal(values.size).reshape(values.shape)) / grid) * grid
        return noisy

    def sample(self, rows: int, rate: float) -> npt.NDArray[np.intp]:
        """Numbers of the rows in a Poisson sample: each of ``rows`` is in it with chance ``rate``, by itself."""
        return np.flatnonzero(self._uniform(rows) < rate)

    def _normal(self, count: int) -> Numbers:
        """Standard normal variables [count] (Box and Muller 1958)."""
        half = (count + 1) // 2
        radius, angle = np.sqrt(-2 * np.log(self._uniform(half))), 2 * math.pi * self._uniform(half)
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]

    def _uniform(self, count: int) -> Numbers:
        """Uniform variables [count] above 0 and below 1, of 53 bits."""
        bits = np.frombuffer(os.urandom(8 * count), np.uint64) >> np.uint64(11)
        chances: Numbers = np.minimum((bits + 0.5) * 2.0**-53, 1 - 2.0**-53)
        return chances
