"""Make the thresholds of decision trees exact in float32, so that ONNX branches as the estimator does.

A split asks whether x <= t with a float64 t. For float32 x that is the same as x <= t', the largest float32 not above
t; but ONNX stores the float32 nearest to t, which may lie above it, and a row between the two would go the other way.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

_PARTS = ("steps", "transformers_", "estimators_", "estimator_", "estimator", "calibrated_classifiers_", "_predictors")


def round_down(estimator: Any) -> None:
    """Set every threshold of the fitted trees in ``estimator`` to the largest float32 not above it, in place."""
    for thresholds in _thresholds(estimator):
        thresholds[...] = floor32(thresholds)


def floor32(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Largest float32 not above each value; shapes agree."""
    with np.errstate(over="ignore"):
        nearest = values.astype(np.float32)
        below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest.astype(np.float64) > values, below, nearest)


def _thresholds(part: Any) -> Iterator[npt.NDArray[np.float64]]:
    """The threshold arrays in ``part``: of a tree, of a predictor of histogram boosting, or of what contains them."""
    if isinstance(part, list | tuple | np.ndarray):
        for inner in part:
            yield from _thresholds(inner)
    elif hasattr(part, "tree_"):
        yield part.tree_.threshold
    elif getattr(part, "nodes", None) is not None and "num_threshold" in (part.nodes.dtype.names or ()):
        yield part.nodes["num_threshold"]
    else:
        for name in _PARTS:
            yield from _thresholds(getattr(part, name, ()))
