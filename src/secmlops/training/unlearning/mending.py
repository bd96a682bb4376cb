"""Mending a built-in model, in the sandbox: what training again would give, from the earlier model and the rows now.

Nothing is assumed of which rows left or came: a tree is kept where it sees the same rows as before, and a Newton step
is measured by the gradient that is left on the rows now. Where neither helps, the model is trained again.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from sklearn.pipeline import Pipeline

from secmlops.training.columns import digest_of_columns, steady_columns
from secmlops.training.models import PENALTY, Estimator, Target, built_in, design_of, linear_classifier, with_ones
from secmlops.training.unlearning.forest import Growth, grow, trees_from_arrays, unaffected
from secmlops.training.unlearning.memory import Memory
from secmlops.training.unlearning.mended import Mended
from secmlops.training.unlearning.newton import newton_step
from secmlops.training.unlearning.planner import Way

MAX_DISTANCE = 1e-3
"""Largest distance of the weights from those of training again that Newton steps may leave."""
MAX_STEPS = 3


Rows: TypeAlias = tuple[pa.Table, Target, int]
"""The rows to learn from now, their targets, and the seed."""


def mend(memory: Memory, rows: Rows) -> tuple[Estimator, Mended]:
    """Return the model as of the ``rows`` now, and how it was come by."""
    mended = _MENDING[memory.model](memory, rows) if memory.model in _MENDING else None
    return mended or (built_in(memory.model)(*rows), Mended(way=Way.RETRAINING))


def _trees(memory: Memory, rows: Rows) -> tuple[Estimator, Mended] | None:
    table, target, seed = rows
    columns, growth = steady_columns(table), Growth(seed=seed)
    if str(digest_of_columns(columns)) != memory.columns:
        return None
    learnt = design_of(columns, table, target)
    arrays = {name: memory.array(name) for name in memory.arrays}
    same = np.array_equal(arrays["classes"], np.unique(target) if target.dtype.kind in "iu" else [])
    kept = unaffected(memory.row_keys, learnt[2], growth) if same else []
    forest = grow(*learnt, growth, trees_from_arrays(arrays, kept))
    return Pipeline([("columns", columns), ("model", forest)]), Mended(way=Way.TREES, trees=growth.trees - len(kept))


def _newton(memory: Memory, rows: Rows) -> tuple[Estimator, Mended] | None:
    table, target, _ = rows
    columns, classes = steady_columns(table, scaled=True), np.unique(target)
    weights = memory.array("weights")
    if str(digest_of_columns(columns)) != memory.columns or len(classes) != 2:
        return None
    design, events = with_ones(columns.transform(table)), (target == classes[1]).astype(np.float64)
    step = newton_step(weights[0], design, events, PENALTY)
    for _ in range(MAX_STEPS - 1):
        if step.distance > MAX_DISTANCE:
            step = newton_step(step.weights, design, events, PENALTY)
    if step.distance > MAX_DISTANCE:
        return None
    told = Mended(way=Way.NEWTON, residual=step.residual, bound=step.bound, distance=step.distance)
    return linear_classifier(columns, classes, step.weights[None, :]), told


_MENDING: Mapping[str, Callable[[Memory, Rows], tuple[Estimator, Mended] | None]] = MappingProxyType(
    {"random_forest": _trees, "logistic_regression": _newton}
)
