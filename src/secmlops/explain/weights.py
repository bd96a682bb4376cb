"""Reads the weights of an ONNX linear model."""

import numpy as np

from secmlops.explain.explanation import Floats
from secmlops.explain.reading import Head, UnreadableError


def read_weights(head: Head) -> tuple[Floats, Floats]:
    """Weights [m, j] and intercepts [j] of a linear head; raises UnreadableError when they are too few or many."""
    intercepts = np.array(head.attributes.get("intercepts", ()), np.float64)
    coefficients = np.array(head.attributes["coefficients"], np.float64)
    if not len(intercepts) or coefficients.size != len(intercepts) * len(head.columns):
        raise UnreadableError("another number of weights than columns")
    return coefficients.reshape(len(intercepts), len(head.columns)).T, intercepts
