"""Forgetting exactly in ridge regression: its sufficient statistics are sums, and a row can be taken out of a sum."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Sums over the rows of a design [n, d] with targets [n]: all that ridge regression needs.

    ``gram`` [d + 1, d + 1] is of the design with a column of ones before it, ``moment`` [d + 1] its product with the
    targets. Sums are in float64: what was added and taken out leaves rounding errors only, of about 1e-16 of the sums.
    """

    gram: Matrix
    moment: Matrix

    @classmethod
    def of(cls, design: Matrix, target: Matrix) -> Self:
        """Sums over these rows."""
        ones = np.column_stack([np.ones(len(design)), design])
        return cls(ones.T @ ones, ones.T @ target)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return round(float(self.gram[0, 0]))

    def without(self, design: Matrix, target: Matrix) -> "Statistics":
        """Sums without these rows, which must be among them; raises InputError when no row would be left."""
        if len(design) >= self.rows:
            raise InputError("no row would be left to learn from", hint="destroy the model instead")
        gone = Statistics.of(design, target)
        return Statistics(self.gram - gone.gram, self.moment - gone.moment)

    def solve(self, penalty: float) -> tuple[float, Matrix]:
        """Intercept, and coefficients [d], of ridge regression with this L2 penalty on the coefficients alone.

        As scikit-learn's Ridge: the penalty weighs against the sum of squares. Raises InputError for a penalty that is
        not positive: then the solution need not be unique.
        """
        if penalty <= 0:
            raise InputError("the penalty is positive")
        rows = self.gram[0, 0]
        means, mean = self.gram[0, 1:] / rows, self.moment[0] / rows
        centred = self.gram[1:, 1:] - rows * np.outer(means, means)
        products = self.moment[1:] - rows * mean * means
        coefficients: Matrix = np.linalg.solve(centred + penalty * np.eye(len(means)), products)
        return float(mean - means @ coefficients), coefficients
