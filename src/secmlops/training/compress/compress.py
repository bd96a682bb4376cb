"""Compression in the sandbox: the exported model is made smaller, and what it was is kept beside it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

from secmlops.core.errors import InputError
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs, Signature
from secmlops.training.compress.files import UNCOMPRESSED, UNCOMPRESSED_ANSWERS, way_file
from secmlops.training.compress.pruning import Kind
from secmlops.training.compress.settings import CompressSettings
from secmlops.training.compress.ways import Learned, Model, all_ways, asked_ways, gone
from secmlops.training.job import Orders
from secmlops.training.models import Estimator, keys_of
from secmlops.training.recalibration.recalibrated import Recalibrated
from secmlops.training.transport import array_from_bytes, array_to_bytes, table_from_bytes
from secmlops.training.unlearning.forest import Growth

_FORESTS = (RandomForestClassifier, RandomForestRegressor, ExtraTreesClassifier, ExtraTreesRegressor)
_BOOSTINGS = (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)


def compress(orders: Orders, settings: CompressSettings, estimator: Estimator, scratch: Path) -> None:
    """Put the compressed model and its own answers where those of the ``estimator`` lie, and those beside them.

    Raises InputError for a way that was asked for and does not apply.
    """
    learned = learned_from(scratch, orders)
    fitted = replace(learned, unseen=unseen_by(learned, estimator, orders))
    whole = Model((scratch / "out/model.onnx").read_bytes(), kind_of(estimator))
    leave_compressed(settings, whole, fitted, scratch)


def leave_compressed(settings: CompressSettings, whole: Model, fitted: Learned, scratch: Path) -> None:
    """Do so for the ``whole`` model; where the settings compare, each other way that applies leaves a model too."""
    folder, asked = scratch / "out", asked_ways(settings)
    made = gone(whole, iter(asked.values()), fitted)
    (folder / UNCOMPRESSED).write_bytes(whole.onnx)
    (folder / "holdout.npy").rename(folder / UNCOMPRESSED_ANSWERS)
    (folder / "model.onnx").write_bytes(made.onnx)
    holdout = inputs_of(table_from_bytes((scratch / "in/holdout.arrow").read_bytes()), fitted.signature)
    answers = Predictor(made.onnx, fitted.signature).predict(holdout)
    (folder / "holdout.npy").write_bytes(array_to_bytes(answers))
    for name, way in all_ways(settings).items() if settings.compare else ():
        if list(asked) == [name]:
            continue
        try:
            other = way(whole, fitted)
        except InputError:  # it does not apply to this model, and the comparison says that it is not there
            continue
        (folder / way_file(name)).write_bytes(other.onnx)


def learned_from(scratch: Path, orders: Orders) -> Learned:
    """Read what the model learned from, from the job in ``scratch``; nothing is known of its trees."""
    table = table_from_bytes((scratch / "in/train.arrow").read_bytes())
    target: Any = array_from_bytes((scratch / "in/target.npy").read_bytes())
    return Learned(orders.signature, table, inputs_of(table, orders.signature), target, orders.seed)


def unseen_by(read: Learned, estimator: Estimator, orders: Orders) -> npt.NDArray[np.bool_] | None:
    """Which rows [T, n] each tree of a forest did not learn from; None where that cannot be told."""
    forest = _last(estimator)
    if orders.robust or orders.reweigh:
        return None  # it was fitted to other rows than these
    if orders.model is not None and isinstance(forest, _FORESTS):
        return ~Growth(seed=read.seed).samples(keys_of(read.table, read.target))
    if isinstance(forest, _FORESTS) and forest.bootstrap:
        rows = np.arange(len(read.target))
        return np.array([~np.isin(rows, sample) for sample in forest.estimators_samples_])
    return None


def kind_of(estimator: Estimator) -> Kind | None:
    """How the trees of an estimator come to an answer; None where it has none that could go one by one."""
    last = _last(estimator)
    if isinstance(last, _BOOSTINGS):
        return Kind.BOOSTING
    return Kind.FOREST if isinstance(last, _FORESTS) else None


def inputs_of(table: pa.Table, signature: Signature) -> Inputs:
    """Rows of a table with the columns of ``signature``, as a model gets them."""
    numeric = [table.column(f.name).to_numpy() for f in signature.numeric]
    categorical = [np.array(table.column(f.name).to_pylist(), object) for f in signature.categorical]
    return Inputs(
        np.stack(numeric, axis=1).astype(np.float32) if numeric else np.empty((len(table), 0), np.float32),
        np.stack(categorical, axis=1) if categorical else np.empty((len(table), 0), object),
    )


def _last(estimator: Estimator) -> Any:
    estimator = estimator.estimator if isinstance(estimator, Recalibrated) else estimator
    estimator = getattr(estimator, "best_estimator_", estimator)
    return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
