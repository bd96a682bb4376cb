"""Exported models have the one signature and answer as the estimator does."""

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.training.export import STANDARD_DOMAINS, export
from secmlops.training.models import built_in
from secmlops.training.transport import to_table

MODELS = [
    ("logistic_regression", Task.BINARY),
    ("random_forest", Task.MULTICLASS),
    ("gradient_boosting", Task.BINARY),
    ("gradient_boosting", Task.MULTICLASS),
    ("linear_regression", Task.REGRESSION),
    ("random_forest", Task.REGRESSION),
    ("gradient_boosting", Task.REGRESSION),
]
NUMBERS = Signature(
    task=Task.BINARY,
    features=tuple(Feature(name=n, kind=FeatureKind.NUMERIC) for n in ("a", "b")),
    classes=("no", "yes"),
)


@pytest.fixture(scope="module")
def numbers() -> tuple[np.ndarray, np.ndarray]:
    matrix = np.random.default_rng(0).normal(size=(80, 2)).astype(np.float32)
    return matrix, (matrix[:, 0] > 0).astype(np.int64)


@pytest.mark.parametrize(("name", "task"), MODELS)
def test_onnx_answers_as_the_estimator_does(problem: Callable, name: str, task: Task) -> None:
    examples, signature = problem(task)
    table = to_table(examples.inputs, signature)
    estimator = built_in(name)(table, examples.target, 1)
    data = export(estimator, signature)
    session = onnxruntime.InferenceSession(data)
    inputs = {"numeric": examples.inputs.numeric, "categorical": examples.inputs.categorical}
    assert [(i.name, i.type) for i in session.get_inputs()] == [
        ("numeric", "tensor(float)"),
        ("categorical", "tensor(string)"),
    ]
    assert [o.name for o in session.get_outputs()] == ["probabilities" if task.is_classification else "prediction"]
    (answers,) = session.run(None, inputs)
    own = estimator.predict_proba(table) if task.is_classification else estimator.predict(table)[:, None]
    assert answers.dtype == np.float32
    assert answers.shape == own.shape
    np.testing.assert_allclose(answers, own, atol=1e-5)
    assert export(estimator, signature) == data
    assert {o.domain for o in onnx.load_model_from_string(data).opset_import} <= STANDARD_DOMAINS


def test_unseen_categories_are_answered(problem: Callable) -> None:
    examples, signature = problem()
    table = to_table(examples.inputs, signature)
    session = onnxruntime.InferenceSession(
        export(built_in("logistic_regression")(table, examples.target, 1), signature)
    )
    unseen = np.full((1, 2), "spaceship", object)
    (answers,) = session.run(None, {"numeric": examples.inputs.numeric[:1], "categorical": unseen})
    assert answers.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "estimator",
    [GaussianNB(), GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2)],
    ids=["estimator", "search"],
)
def test_estimators_without_a_column_transformer_take_the_matrix(
    numbers: tuple[np.ndarray, np.ndarray], estimator: GaussianNB
) -> None:
    matrix, target = numbers
    (answers,) = onnxruntime.InferenceSession(export(estimator.fit(matrix, target), NUMBERS)).run(
        None, {"numeric": matrix}
    )
    np.testing.assert_allclose(answers, estimator.predict_proba(matrix), atol=1e-5)


def test_a_single_feature_is_a_matrix_too(numbers: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, target = numbers
    signature = Signature(task=Task.BINARY, features=NUMBERS.features[:1], classes=("no", "yes"))
    estimator = RandomForestClassifier(3, random_state=0).fit(matrix[:, :1], target)
    (answers,) = onnxruntime.InferenceSession(export(estimator, signature)).run(None, {"numeric": matrix[:, :1]})
    np.testing.assert_allclose(answers, estimator.predict_proba(matrix[:, :1]), atol=1e-6)


class HomeMade(LogisticRegression):
    """An estimator no converter knows."""


@pytest.mark.parametrize(
    ("estimator", "told"),
    [
        (HomeMade(), "HomeMade cannot be converted to ONNX"),
        (LinearSVC(), "LinearSVC gives no probabilities"),
        (KMeans(2, n_init=1), "KMeans gives no probabilities"),
        (GaussianProcessClassifier(), "needs ONNX operators beyond the standard"),
    ],
    ids=lambda v: v if isinstance(v, str) else type(v).__name__,
)
def test_what_cannot_be_exported_is_named(
    numbers: tuple[np.ndarray, np.ndarray], estimator: LogisticRegression, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        export(estimator.fit(*numbers), NUMBERS)


def test_classes_that_are_not_the_indices_are_refused(numbers: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, target = numbers
    with pytest.raises(InputError, match="did not learn the classes 0 to 1"):
        export(LogisticRegression().fit(matrix, target + 1), NUMBERS)


def test_numbers_and_texts_need_a_column_transformer(problem: Callable) -> None:
    examples, signature = problem()
    estimator = GaussianNB().fit(np.nan_to_num(examples.inputs.numeric), examples.target)
    with pytest.raises(InputError, match="side by side"):
        export(estimator, signature)
