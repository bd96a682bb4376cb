"""Whether the nearest rows contradict a label too: a second opinion, which no model has a part in.

Of labels that were changed by chance, it leaves those that are likelier to be wrong; where classes meet, it is blind.
"""

import numpy as np
import numpy.typing as npt

from secmlops.runtime.signature import Inputs

NEAREST = 10
_FARTHEST = 4.0  # deviations: an outlier is no farther away
_DIFFERENT = 2.0  # squared distance of two categories: the mean of two standard normal numbers
_CHUNK = 256

Labels = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]


def neighbours_contradict(inputs: Inputs, labels: Labels, rows: Rows) -> npt.NDArray[np.bool_]:
    """Whether another class is the commonest among the ten nearest other rows of each of the ``rows`` [m].

    Distances are Euclidean: numbers in standard deviations, and the same for every two categories.
    """
    numbers = _standard(inputs.numeric)
    texts = [np.unique(column.astype(str), return_inverse=True)[1] for column in inputs.categorical.T]
    squares, classes = (numbers**2).sum(axis=1), int(labels.max()) + 1
    nearest = min(NEAREST, len(labels) - 1)
    contradicted = np.zeros(len(rows), bool)
    for start in range(0, len(rows), _CHUNK):
        asked = rows[start : start + _CHUNK]
        distances = squares[asked, None] + squares - 2 * numbers[asked] @ numbers.T
        for codes in texts:
            distances += _DIFFERENT * (codes[asked, None] != codes)
        distances[np.arange(len(asked)), asked] = np.inf
        near = labels[np.argpartition(distances, nearest - 1, axis=1)[:, :nearest]]
        counts = np.stack([(near == target).sum(axis=1) for target in range(classes)], axis=1)
        contradicted[start : start + len(asked)] = counts.argmax(axis=1) != labels[asked]
    return contradicted


def _standard(numeric: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Numbers [n, p] in deviations from the mean, 0 where missing or always the same."""
    values = numeric.astype(np.float64)
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, values - np.where(known, values, 0).sum(axis=0) / count, 0)
    spread = np.sqrt((centred**2).sum(axis=0) / count)
    scaled = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0).clip(-_FARTHEST, _FARTHEST)
    standard: npt.NDArray[np.float32] = scaled.astype(np.float32)
    return standard
