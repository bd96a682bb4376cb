"""Models that need no code of the user: linear models, random forest, gradient boosting, a small network.

Each is a function of the same form as a user's own: ``fit(X, y, seed) -> estimator``. ``X`` is a pyarrow Table of
float32 columns (NaN missing) and string columns ("" missing), ``y`` int64 class indices [n] or float64 quantities [n];
which of the two says whether to classify.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline

from secmlops.core.errors import InputError
from secmlops.runtime.row_keys import Keys, row_keys
from secmlops.training.advice import Advice
from secmlops.training.columns import column_transformer, steady_columns
from secmlops.training.network import neural_network
from secmlops.training.unlearning.forest import Growth, grow

Target: TypeAlias = npt.NDArray[np.int64] | npt.NDArray[np.float64]
Estimator: TypeAlias = Any
"""Anything with scikit-learn's ``predict`` or ``predict_proba``."""
Fit: TypeAlias = Callable[[Any, Target, int], Estimator]

PENALTY = 1.0
"""L2 penalty of the linear models, against the sum of the losses."""


def logistic_regression(table: pa.Table, target: Target, seed: int) -> Estimator:
    """Logistic regression with an L2 penalty on all weights, of scaled features; for a quantity raises InputError."""
    if not _classifies(target):
        raise InputError("logistic regression predicts classes", hint=Advice.FOR_QUANTITIES)
    columns = steady_columns(table, scaled=True)
    solver = LogisticRegression(
        C=1 / PENALTY, solver="newton-cholesky", fit_intercept=False, tol=1e-9, max_iter=1000, random_state=seed
    )
    solver.fit(with_ones(columns.transform(table)), target)
    return linear_classifier(columns, solver.classes_, solver.coef_)


def linear_classifier(columns: Any, classes: npt.NDArray[Any], weights: npt.NDArray[np.float64]) -> Pipeline:
    """Logistic regression with these ``weights`` [1 or classes, d + 1], those of the column of ones last."""
    model = LogisticRegression()
    model.classes_, model.n_features_in_ = classes, weights.shape[1] - 1
    model.coef_, model.intercept_ = weights[:, :-1], weights[:, -1]
    model.n_iter_ = np.ones(1, np.int32)
    return Pipeline([("columns", columns), ("model", model)])


def linear_regression(table: pa.Table, target: Target, seed: int) -> Estimator:
    """Ridge regression on scaled features; raises InputError when the target is a class."""
    if _classifies(target):
        raise InputError("linear regression predicts quantities", hint=Advice.FOR_CLASSES)
    columns = steady_columns(table, scaled=True)
    model = Ridge(alpha=PENALTY, random_state=seed).fit(columns.transform(table), target)
    return Pipeline([("columns", columns), ("model", model)])


def random_forest(table: pa.Table, target: Target, seed: int) -> Estimator:
    """A random forest (Breiman 2001), each tree on two fifths of the rows and bounded in size: the model stays small.

    Which rows a tree sees is drawn by their own content: without some rows, most trees stay as they are.
    """
    columns = steady_columns(table)
    return Pipeline([("columns", columns), ("model", grow(*design_of(columns, table, target), Growth(seed=seed)))])


def gradient_boosting(table: pa.Table, target: Target, seed: int) -> Estimator:
    """Gradient boosting on binned features (scikit-learn's HistGradientBoosting*, after LightGBM, Ke et al. 2017).

    On 30,000 rows of 15 numbers and 8 categories it is several times faster than exact gradient boosting, and ranks
    better. A fixed number of rounds: early stopping would set aside rows. Trees grow with the number of rows, and each
    split sees three tenths of the features: on a thousand real loan applicants this halves the distance between
    training and holdout that the library's own settings leave, and ranks as well.
    """
    kind = HistGradientBoostingClassifier if _classifies(target) else HistGradientBoostingRegressor
    leaves = min(31, max(6, len(target) // 500))
    model = kind(
        early_stopping=False, max_leaf_nodes=leaves, l2_regularization=5.0, max_features=0.3, random_state=seed
    )
    return Pipeline([("columns", column_transformer(table)), ("model", model)]).fit(table, target)


MODELS: Mapping[str, Fit] = MappingProxyType(
    {f.__name__: f for f in (logistic_regression, linear_regression, random_forest, gradient_boosting, neural_network)}
)


def built_in(name: str) -> Fit:
    """Return the model ``name``; raises InputError with the known names."""
    if name not in MODELS:
        raise InputError(f"no built-in model {name!r}", where="model", hint=Advice.MODELS)
    return MODELS[name]


def design_of(columns: Any, table: pa.Table, target: Target) -> tuple[npt.NDArray[np.float32], Target, Keys]:
    """What a forest learns from: design float32 [n, d], target [n], and the keys [n] of the rows."""
    return np.ascontiguousarray(columns.transform(table), np.float32), target, keys_of(table, target)


def keys_of(table: pa.Table, target: npt.NDArray[Any]) -> Keys:
    """Keys [n] of the content of the rows, the target included."""
    return row_keys([*(column.to_numpy() for column in table.itercolumns()), target], len(target))


def with_ones(design: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The design [n, d] in float64 with a column of ones at its end."""
    return np.column_stack([np.asarray(design, np.float64), np.ones(len(design))])


def _classifies(target: Target) -> bool:
    return target.dtype.kind in "iu"
