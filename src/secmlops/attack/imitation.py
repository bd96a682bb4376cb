"""What a thief makes of a model's answers: a linear copy, a logistic one, and one of radial basis functions.

Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning" (2009), sections 3.4.1, 4.4.1 and 5.8.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.attack.agreement import agreement
from secmlops.attack.oracle import Outputs
from secmlops.runtime.signature import Inputs

Matrix = npt.NDArray[np.float64]

_RIDGE = 1e-2  # per row
_MOST_ROWS = 1000  # that a kernel copy learns from
_MOST_CATEGORIES = 30
_SLIGHT, _TINY = 1e-4, 1e-6  # per row
_ROUNDS, _SETTLED, _FAR = 15, 1e-4, 30.0


@dataclass(frozen=True, slots=True)
class Space:
    """What is known of a model's inputs to whoever reads its signature: ranges and categories, a spread of each column.

    ``low``, ``high``, ``centre`` and ``spread`` are float64 [p]; ``categories`` texts per categorical column.
    """

    low: Matrix
    high: Matrix
    centre: Matrix
    spread: Matrix
    categories: tuple[npt.NDArray[np.object_], ...]

    @classmethod
    def of(cls, inputs: Inputs) -> "Space":
        """Space that these rows span."""
        missing = np.isnan(inputs.numeric)
        numbers = np.where(
            missing, np.nanmedian(np.where(missing.all(axis=0), 0, inputs.numeric), axis=0), inputs.numeric
        )
        spread = numbers.std(axis=0, dtype=np.float64)
        categories = tuple(_commonest(column) for column in inputs.categorical.T)
        low, high, centre = (f(numbers, axis=0).astype(np.float64) for f in (np.min, np.max, np.mean))
        return cls(low, high, centre, np.where(spread > 0, spread, 1.0), categories)

    def draw(self, rows: int, generator: np.random.Generator) -> Inputs:
        """Rows uniform over the ranges and categories."""
        numeric = generator.uniform(self.low, self.high, (rows, len(self.low)))
        texts = [known[generator.integers(len(known), size=rows)] for known in self.categories]
        return Inputs(numeric.astype(np.float32), np.stack(texts, axis=1) if texts else np.empty((rows, 0), object))

    def design(self, inputs: Inputs) -> Matrix:
        """Columns for a regression, float64 [n, d]: numbers standardised (0 where missing), categories one by one."""
        numbers = np.nan_to_num((inputs.numeric - self.centre) / self.spread)
        hot = [column[:, None] == known for column, known in zip(inputs.categorical.T, self.categories, strict=True)]
        return np.concatenate([numbers, *(one.astype(np.float64) for one in hot)], axis=1)


@dataclass(frozen=True, slots=True)
class Linear:
    """Ridge regression: ``weights`` float64 [d, k] and ``base`` float64 [k]."""

    weights: Matrix
    base: Matrix

    @classmethod
    def learn(cls, design: Matrix, scores: Outputs, penalty: float = _RIDGE) -> "Linear":
        """Learn from rows [n, d] and the scores [n, k] they got, with a ``penalty`` per row."""
        middle, base = design.mean(axis=0), scores.mean(axis=0)
        centred = design - middle
        gram = centred.T @ centred + penalty * len(design) * np.eye(design.shape[1])
        weights = np.linalg.solve(gram, centred.T @ (scores - base))
        return cls(weights, base - middle @ weights)

    def predict(self, design: Matrix) -> Outputs:
        """Scores [n, k]."""
        outputs: Outputs = design @ self.weights + self.base
        return outputs


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression of each class against the others, by iterated weighted least squares.

    Learned from probabilities it finds the very weights of a logistic model, like Tramer's equation solving.
    """

    weights: Matrix

    @classmethod
    def learn(cls, design: Matrix, scores: Outputs, penalty: float = _SLIGHT) -> "Logistic":
        """Learn from rows [n, d] and the scores [n, k] they got, probabilities or labels; ``penalty`` is per row."""
        columns = np.concatenate([np.ones((len(design), 1)), design], axis=1)
        weights = np.stack(
            [_logistic(columns, score, penalty) for score in scores[:, scores.shape[1] == 2 :].T], axis=1
        )
        return cls(np.concatenate([-weights, weights], axis=1) if scores.shape[1] == 2 else weights)

    def predict(self, design: Matrix) -> Outputs:
        """Log-odds [n, k]: they rank the classes."""
        outputs: Outputs = design @ self.weights[1:] + self.weights[0]
        return outputs


@dataclass(frozen=True, slots=True)
class Radial:
    """Ridge regression on Gaussian radial basis functions around the rows learned from."""

    rows: Matrix
    weights: Matrix
    base: Matrix

    @classmethod
    def learn(cls, design: Matrix, scores: Outputs) -> "Radial":
        """Learn from the last ``_MOST_ROWS`` rows [n, d] and the scores [n, k] they got."""
        rows, base = design[-_MOST_ROWS:], scores[-_MOST_ROWS:].mean(axis=0)
        gram = _kernel(rows, rows) + _RIDGE * np.eye(len(rows))
        return cls(rows, np.linalg.solve(gram, scores[-_MOST_ROWS:] - base), base)

    def predict(self, design: Matrix) -> Outputs:
        """Scores [n, k]."""
        outputs: Outputs = _kernel(design, self.rows) @ self.weights + self.base
        return outputs


def labels_only(scores: Outputs) -> Outputs:
    """Return 1 for the class called and 0 for the others, float64 [n, k]; a regressor's predictions stay."""
    if scores.shape[1] == 1:
        return scores
    labels: Outputs = np.eye(scores.shape[1])[scores.argmax(axis=1)]
    return labels


def best_agreement(asked: Matrix, answered: Outputs, design: Matrix, truth: Outputs) -> float:
    """Agreement with ``truth`` on ``design`` of the better copy learned from what was asked and answered."""
    return max(agreement(truth, kind.learn(asked, answered).predict(design)) for kind in (Linear, Radial))


def _logistic(columns: Matrix, aim: Matrix, ridge: float) -> Matrix:
    """Weights [d] of the likeliest logistic model of probabilities or labels [n], with a ridge penalty per row."""
    weights = np.zeros(columns.shape[1])
    penalty = np.full(columns.shape[1], ridge * len(columns))
    penalty[0] = _TINY * len(columns)
    for _ in range(_ROUNDS):
        probability = 1 / (1 + np.exp(-np.clip(columns @ weights, -_FAR, _FAR)))
        curved = columns * np.maximum(probability * (1 - probability), _TINY)[:, None]
        slope = columns.T @ (aim - probability) - penalty * weights
        step = np.linalg.solve(columns.T @ curved + np.diag(penalty), slope)
        weights = weights + step
        if np.abs(step).max() < _SETTLED:
            break
    return weights


def _kernel(one: Matrix, other: Matrix) -> Matrix:
    """Gaussian kernel of unit width per column."""
    squares = (one * one).sum(axis=1)[:, None] + (other * other).sum(axis=1) - 2 * one @ other.T
    kernel: Matrix = np.exp(-np.maximum(squares, 0) / (2 * one.shape[1]))
    return kernel


def _commonest(column: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    names, counts = np.unique(column.astype(str), return_counts=True)
    kept: npt.NDArray[np.object_] = names[np.argsort(-counts, kind="stable")][:_MOST_CATEGORIES].astype(object)
    return kept
