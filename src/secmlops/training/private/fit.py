"""The private fit, in the form of any other: ``fit(X, y, seed) -> estimator``, run in the sandbox."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from secmlops.runtime.signature import Signature
from secmlops.training.models import Fit, Target, linear_classifier, with_ones
from secmlops.training.network import HIDDEN, Layer, network_of
from secmlops.training.private.columns import bounded_columns
from secmlops.training.private.descent import descend, huber, logistic
from secmlops.training.private.looks import look
from secmlops.training.private.noise import Noise
from secmlops.training.private.plan import Plan
from secmlops.training.private.settings import Bounds, Method


def private_fit(plan: Plan, signature: Signature, model: str) -> Fit:
    """Fit that does what ``plan`` says for ``model``; of the seed it makes no use, and no two fits are alike."""

    def fit(table: pa.Table, target: Target, seed: int) -> Pipeline:  # noqa: ARG001  a known seed is known noise
        noise = Noise()
        found = look(table, target, plan, noise)
        columns = bounded_columns(table.schema, found)
        design = np.asarray(columns.transform(table), np.float64)
        classes = len(signature.classes)
        truth = target if classes else _scaled(target, found.target)
        outputs = 1 if classes <= 2 else classes
        if plan.method is Method.SGD:
            from secmlops.training.private.sgd import learn  # noqa: PLC0415  PyTorch is an extra

            inner = [HIDDEN] if model == "neural_network" else []
            layers = learn((design, truth), [design.shape[1], *inner, outputs], plan, found.rows, noise)
        else:
            loss = logistic(truth.astype(np.int64), classes) if classes else huber(truth.astype(np.float64))
            weights = descend(with_ones(design), loss, plan, found.rows, noise)
            layers = [(weights[:, :-1].T, weights[:, -1])]
        return _estimator(columns, layers if classes else _unscaled(layers, found.target), signature)

    return fit


def _estimator(columns: Any, layers: list[Layer], signature: Signature) -> Pipeline:
    classes = len(signature.classes)
    if len(layers) > 1:
        return network_of(columns, layers, classes)
    ((weights, biases),) = layers
    if classes:
        return linear_classifier(columns, np.arange(classes), np.column_stack([weights.T, biases]))
    model = LinearRegression()
    model.coef_, model.intercept_, model.n_features_in_ = weights[:, 0], biases[0], len(weights)
    return Pipeline([("columns", columns), ("model", model)])


def _scaled(target: Target, bounds: Bounds) -> npt.NDArray[np.float64]:
    """Quantities within ``bounds`` as numbers from -1 to 1."""
    low, high = bounds
    return np.clip((target - low) / (high - low) * 2 - 1, -1.0, 1.0)


def _unscaled(layers: list[Layer], bounds: Bounds) -> list[Layer]:
    """Layers whose last one answers within ``bounds`` what it answered from -1 to 1."""
    half, middle = (bounds[1] - bounds[0]) / 2, math.fsum(bounds) / 2
    weights, biases = layers[-1]
    return [*layers[:-1], (weights * half, biases * half + middle)]
