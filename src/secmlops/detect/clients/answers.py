"""What a model's answers say to the watch: the label, and how far the model was from another one."""

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError


def answers(scores: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Labels [n] and margins [n] of scores [n, k]: the likeliest class, and its lead over the next in [0, 1].

    A regression (k = 1) has one label and no margin (NaN). Raises InputError unless the scores are a table.
    """
    if scores.ndim != 2 or scores.shape[1] < 1:
        raise InputError(f"scores are a table of a column or more, not {scores.shape}")
    if scores.shape[1] == 1:
        return np.zeros(len(scores), np.intp), np.full(len(scores), np.nan)
    if scores.shape[1] == 2:
        lead = scores[:, 1] - scores[:, 0]
        return (lead > 0).astype(np.intp), np.abs(lead).astype(np.float64)
    two = np.partition(scores, -2, axis=1)[:, -2:]
    return scores.argmax(axis=1), (two[:, 1] - two[:, 0]).astype(np.float64)
