"""Small neural networks: one hidden layer of rectified linear units on scaled columns."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelBinarizer

from secmlops.training.columns import steady_columns

HIDDEN = 32
"""Units of the hidden layer."""
_EPOCHS = 60
_PENALTY = 0.1

Layer = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""Weights [inputs, outputs] and biases [outputs]."""


def neural_network(table: pa.Table, target: npt.NDArray[Any], seed: int) -> Pipeline:
    """A network of one hidden layer, trained by Adam for a fixed number of epochs; a quantity is scaled for it."""
    columns = steady_columns(table, scaled=True)
    kind = MLPClassifier if target.dtype.kind in "iu" else MLPRegressor
    network = kind(
        hidden_layer_sizes=(HIDDEN,), alpha=_PENALTY, learning_rate_init=0.005, max_iter=_EPOCHS, random_state=seed
    )
    centre, scale = (0.0, 1.0) if kind is MLPClassifier else (float(target.mean()), float(target.std()) or 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is meant
        network.fit(columns.transform(table), target if kind is MLPClassifier else (target - centre) / scale)
    if kind is MLPRegressor:
        network.coefs_[-1], network.intercepts_[-1] = (
            network.coefs_[-1] * scale,
            network.intercepts_[-1] * scale + centre,
        )
    return Pipeline([("columns", columns), ("model", network)])


def network_of(columns: Any, layers: Sequence[Layer], classes: int) -> Pipeline:
    """The network with these ``layers`` on fitted ``columns``: for so many classes, or for a quantity with 0.

    For two classes the last layer has one output.
    """
    network = MLPClassifier() if classes else MLPRegressor()
    network.coefs_, network.intercepts_ = [w for w, _ in layers], [b for _, b in layers]
    network.n_features_in_, network.n_layers_ = len(layers[0][0]), len(layers) + 1
    network.n_outputs_ = len(layers[-1][1])
    network.out_activation_ = "identity"
    if classes:
        network.out_activation_ = "logistic" if classes == 2 else "softmax"
        network.classes_ = np.arange(classes)
        network._label_binarizer = LabelBinarizer().fit(network.classes_)  # noqa: SLF001  read when it answers
    return Pipeline([("columns", columns), ("model", network)])
