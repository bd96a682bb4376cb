"""An additive logistic model of one class over coded columns, of which columns can be left out without learning again.

Fitted by one Newton step per column and round, as generalised additive models are (Hastie and Tibshirani 1990).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.items import Coded

Matrix = npt.NDArray[np.float64]

_ROUNDS = 15
_RATE = 0.7
_PRIOR = 2.0  # information that draws a step to 0: that of eight rows of an even chance
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Additive:
    """``logits`` [n] of the event, and what each column adds to them, ``parts`` [n, p], centred."""

    logits: Matrix
    parts: Matrix

    @classmethod
    def fit(cls, columns: Sequence[Coded], event: npt.NDArray[np.bool_]) -> "Additive":
        """Fit to the ``event`` [n]."""
        rate = float(np.clip(event.mean(), _LEAST, 1 - _LEAST))
        logits = np.full(len(event), np.log(rate / (1 - rate)))
        weights = [np.zeros(column.size) for column in columns]
        for _ in range(_ROUNDS):
            for place, column in enumerate(columns):
                expected = sigmoid(logits)
                gradient = np.bincount(column.codes, event - expected, column.size)
                curvature = np.bincount(column.codes, expected * (1 - expected), column.size)
                step = _RATE * gradient / (curvature + _PRIOR)
                weights[place] += step
                logits += step[column.codes]
        parts = np.column_stack([weight[column.codes] for column, weight in zip(columns, weights, strict=True)])
        return cls(logits, parts - parts.mean(axis=0))

    def without(self, places: Sequence[int], rows: npt.NDArray[np.intp]) -> Matrix:
        """Logits [m] of ``rows`` by the other columns than those at ``places``."""
        logits: Matrix = self.logits[rows] - self.parts[rows][:, list(places)].sum(axis=1)
        return logits


def sigmoid(logits: Matrix) -> Matrix:
    """Probabilities of log odds."""
    probabilities: Matrix = 1 / (1 + np.exp(-logits.clip(-40, 40)))
    return probabilities
