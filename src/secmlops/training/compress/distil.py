"""Distils a model into a small one that learns its answers, not the labels (Bucila et al. 2006; Hinton et al. 2015).

A row counts once for each class, by the probability that the teacher gives it: so the student's loss is the
cross-entropy, or the impurity, of soft labels, with models that know only hard ones.
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
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from secmlops.training.columns import steady_columns
from secmlops.training.compress.settings import Student
from secmlops.training.models import Estimator, linear_classifier, with_ones

Answers: TypeAlias = npt.NDArray[np.float64]

SLIGHT = 1e-4
"""L2 penalty of a linear student: answers have no noise to be smoothed away."""
LEAVES, LEAF_ROWS, ROUNDS = 32, 5, 30


def distil(student: Student, table: pa.Table, answers: Answers, seed: int) -> Estimator:
    """Fit a student on the rows of ``table`` and a teacher's ``answers``: probabilities [n, k] or quantities [n, 1]."""
    columns = steady_columns(table, scaled=student is Student.LINEAR)
    return _STUDENTS[student](columns, np.asarray(columns.transform(table)), answers, seed)


def _linear(columns: Any, design: Any, answers: Answers, seed: int) -> Estimator:
    if answers.shape[1] == 1:
        return _piped(columns, Ridge(alpha=SLIGHT, random_state=seed).fit(design, answers[:, 0]))
    solver = LogisticRegression(
        C=1 / SLIGHT, solver="newton-cholesky", fit_intercept=False, tol=1e-9, max_iter=1000, random_state=seed
    )
    rows, classes, weights = _softly(with_ones(design), answers)
    solver.fit(rows, classes, sample_weight=weights)
    return linear_classifier(columns, solver.classes_, solver.coef_)


def _small_tree(columns: Any, design: Any, answers: Answers, seed: int) -> Estimator:
    if answers.shape[1] == 1:
        model: Any = DecisionTreeRegressor(max_leaf_nodes=LEAVES, min_samples_leaf=LEAF_ROWS, random_state=seed)
        return _piped(columns, model.fit(design, answers[:, 0]))
    model = DecisionTreeClassifier(
        max_leaf_nodes=LEAVES, min_samples_leaf=LEAF_ROWS * answers.shape[1], random_state=seed
    )
    rows, classes, weights = _softly(design, answers)
    return _piped(columns, model.fit(rows, classes, sample_weight=weights))


def _small_boosting(columns: Any, design: Any, answers: Answers, seed: int) -> Estimator:
    settings: dict[str, Any] = {
        "max_iter": ROUNDS,
        "max_leaf_nodes": 8,
        "learning_rate": 0.2,
        "early_stopping": False,
        "random_state": seed,
    }
    if answers.shape[1] == 1:
        return _piped(columns, HistGradientBoostingRegressor(**settings).fit(design, answers[:, 0]))
    rows, classes, weights = _softly(design, answers)
    return _piped(columns, HistGradientBoostingClassifier(**settings).fit(rows, classes, sample_weight=weights))


def _softly(design: Any, answers: Answers) -> tuple[Any, npt.NDArray[np.int64], Answers]:
    """Rows [k n, d], one for each class, with the class [k n] and the probability [k n] that it has."""
    rows, outputs = answers.shape
    classes = np.repeat(np.arange(outputs), rows)
    return np.tile(design, (outputs, 1)), classes, np.clip(answers, 0, 1).T.ravel()


def _piped(columns: Any, model: Any) -> Pipeline:
    return Pipeline([("columns", columns), ("model", model)])


_STUDENTS: Mapping[Student, Callable[[Any, Any, Answers, int], Estimator]] = MappingProxyType(
    {Student.LINEAR: _linear, Student.SMALL_TREE: _small_tree, Student.SMALL_BOOSTING: _small_boosting}
)
