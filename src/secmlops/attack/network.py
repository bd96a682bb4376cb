"""A small neural network, learned in a blink, that stands in for what an honest network makes of the same rows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.attack.oracle import Outputs

Matrix = npt.NDArray[np.float64]

_HIDDEN, _BATCH, _EPOCHS = 32, 64, 25
_RATE, _DECAY = 0.01, 1e-3
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer of rectified linear units: weights [d + 1, h] and [h + 1, k], the last row of each the bias."""

    hidden: Matrix
    output: Matrix

    @classmethod
    def learn(cls, design: Matrix, labels: Matrix, generator: np.random.Generator) -> "Network":
        """Learn from rows [n, d] and labels or probabilities [n, k], by Adam (Kingma and Ba, ICLR 2015)."""
        columns = _with_ones(design)
        sizes = (columns.shape[1], _HIDDEN), (_HIDDEN + 1, labels.shape[1])
        weights = [generator.normal(0, (2 / size[0]) ** 0.5, size) for size in sizes]
        weights[0][:-1][design.std(axis=0) == 0] = 0  # of what never differs nothing is learned
        moments = [(np.zeros(size), np.zeros(size)) for size in sizes]
        step = 0
        for _ in range(_EPOCHS):
            order = generator.permutation(len(columns))
            for start in range(0, len(order), _BATCH):
                step += 1
                rows = order[start : start + _BATCH]
                slopes = _slopes(weights, columns[rows], labels[rows])
                for own, slope, moment in zip(weights, slopes, moments, strict=True):
                    _adapt(own, slope + _DECAY * own, moment, step)
        return cls(weights[0], weights[1])

    def predict(self, design: Matrix) -> Outputs:
        """Probabilities [n, k]."""
        return _answer([self.hidden, self.output], _with_ones(design))[1]


def _answer(weights: list[Matrix], columns: Matrix) -> tuple[Matrix, Matrix]:
    """What the hidden units make of rows, with a one, and the probabilities."""
    lit = _with_ones(np.maximum(columns @ weights[0], 0))
    scores = lit @ weights[1]
    likely = np.exp(scores - scores.max(axis=1, keepdims=True))
    return lit, likely / likely.sum(axis=1, keepdims=True)


def _slopes(weights: list[Matrix], columns: Matrix, labels: Matrix) -> tuple[Matrix, Matrix]:
    """Slopes of the mean cross-entropy by both layers."""
    lit, likely = _answer(weights, columns)
    wrong = (likely - labels) / len(columns)
    back = (wrong @ weights[1][:-1].T) * (lit[:, :-1] > 0)
    return columns.T @ back, lit.T @ wrong


def _adapt(weights: Matrix, slope: Matrix, moment: tuple[Matrix, Matrix], step: int) -> None:
    """Take one step of Adam, in place."""
    first, second = moment
    first += (1 - _FIRST) * (slope - first)
    second += (1 - _SECOND) * (slope**2 - second)
    weights -= _RATE * (first / (1 - _FIRST**step)) / (np.sqrt(second / (1 - _SECOND**step)) + _TINY)


def _with_ones(columns: Matrix) -> Matrix:
    return np.concatenate([columns, np.ones((len(columns), 1))], axis=1)
