"""A light learner of classes, for asking what a model would expect of a row that it has not seen."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from threadpoolctl import threadpool_limits

from secmlops.data.values import codes
from secmlops.runtime.signature import Inputs

Labels = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

FOLDS = 5
_FLOOR = 1e-3


@dataclass(frozen=True, slots=True)
class Learner:
    """Histogram gradient boosting (Ke et al., NeurIPS 2017): trees of at most ``leaves`` leaves of ``least`` rows."""

    seed: int = 0
    rounds: int = 40
    leaves: int = 12
    least: int = 20

    def predict(self, design: Matrix, labels: Labels, known: Rows, asked: Rows) -> Matrix:
        """Probabilities [m, k] of the ``asked`` rows by a model that learned from the ``known`` ones.

        ``k`` is the number of classes in ``labels``; one that the known rows lack gets the least probability.
        """
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  # costs a second to load

        held, classes = np.unique(labels[known]), int(labels.max()) + 1
        outputs = np.full((len(asked), classes), _FLOOR)
        if len(held) == 1:
            outputs[:, held[0]] = 1
        elif len(asked):
            model = HistGradientBoostingClassifier(
                max_iter=self.rounds,
                max_leaf_nodes=self.leaves,
                min_samples_leaf=self.least,
                early_stopping=False,
                random_state=self.seed,
            )
            with threadpool_limits(1, "openmp"):  # threads that wait for each other spin: on a busy machine tenfold
                outputs[:, held] = model.fit(design[known], labels[known]).predict_proba(design[asked])
        outputs = outputs.clip(_FLOOR, 1)
        outputs /= outputs.sum(axis=1, keepdims=True)
        return outputs

    def out_of_fold(self, design: Matrix, labels: Labels) -> Matrix:
        """Probabilities [n, k] of each row by a model that learned from the other folds only."""
        outputs = np.zeros((len(labels), int(labels.max()) + 1))
        for known, asked in folds(labels, FOLDS, np.random.default_rng(self.seed)):
            outputs[asked] = self.predict(design, labels, known, asked)
        return outputs


def folds(labels: Labels, count: int, generator: np.random.Generator) -> Iterator[tuple[Rows, Rows]]:
    """Rows to learn from and rows to ask about, ``count`` times: each row is asked about once; classes are shared."""
    order = np.lexsort((generator.random(len(labels)), labels))
    fold = np.empty(len(labels), np.intp)
    fold[order] = np.arange(len(labels)) % count
    for number in range(count):
        yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)


def design_of(inputs: Inputs) -> Matrix:
    """Columns for the learner, float64 [n, p + q]: numbers as they are, categories numbered from the commonest."""
    texts = [_by_frequency(column) for column in inputs.categorical.T]
    return np.column_stack([inputs.numeric.astype(np.float64), *texts])


def _by_frequency(column: npt.NDArray[np.object_]) -> Matrix:
    coded = codes(pa.chunked_array([pa.array(column, pa.string())]))
    order = np.argsort(-np.bincount(coded), kind="stable")
    rank = np.empty(len(order))
    rank[order] = np.arange(len(order))
    return rank[coded]
