"""Every model gets an explainer: the exact ones agree with the definition, the others say how sure they are."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from kits.explain_world import brute_force, fitted, signature_of, world
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.explain.background import background_of
from secmlops.explain.explainer import Explainer
from secmlops.explain.explanation import Method, Scale, additivity_error
from secmlops.explain.making import Making, make_explainer, make_sampler, spread_of
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.export import export
from secmlops.training.models import gradient_boosting, linear_regression, logistic_regression, random_forest

BUILT_IN = [
    (logistic_regression, Task.BINARY, Method.LINEAR, Scale.LOG_ODDS),
    (logistic_regression, Task.MULTICLASS, Method.LINEAR, Scale.RELATIVE_LOG_PROBABILITY),
    (linear_regression, Task.REGRESSION, Method.LINEAR, Scale.PREDICTION),
    (random_forest, Task.BINARY, Method.TREES, Scale.PROBABILITY),
    (random_forest, Task.MULTICLASS, Method.TREES, Scale.PROBABILITY),
    (random_forest, Task.REGRESSION, Method.TREES, Scale.PREDICTION),
    (gradient_boosting, Task.BINARY, Method.TREES, Scale.LOG_ODDS),
    (gradient_boosting, Task.MULTICLASS, Method.TREES, Scale.RELATIVE_LOG_PROBABILITY),
    (gradient_boosting, Task.REGRESSION, Method.TREES, Scale.PREDICTION),
]
ROWS = 12
MAKING = Making(rows=ROWS, seed=3)


def of_one_row(inputs: Inputs, row: int) -> Inputs:
    return inputs.take(slice(row, row + 1))


@pytest.mark.parametrize(("fit", "task", "method", "scale"), BUILT_IN)
def test_built_in_models_are_explained_exactly(fit, task, method, scale) -> None:
    model, predictor, train = fitted(fit, task)
    explainer = make_explainer(model, predictor, train, MAKING)
    assert (explainer.method, explainer.scale) == (method, scale)
    new, _ = world(task, 40, seed=9)
    explanation = explainer.explain(new, predictor)
    background = train.take(background_of(predictor.predict(train), ROWS))
    for row in range(2):
        true = brute_force(of_one_row(new, row), background, predictor, scale, int(explanation.explained[row]))
        np.testing.assert_allclose(explanation.contributions[row], true, atol=2e-5)  # the model answers in float32
    assert additivity_error(explanation, spread_of(predictor.predict(train))).max() < 1e-5
    assert not explanation.standard_error.any()
    again = Explainer.from_bytes(explainer.to_bytes(), signature_of(task))
    np.testing.assert_array_equal(again.explain(new, predictor).contributions, explanation.contributions)
    assert again.to_bytes() == explainer.to_bytes()


def prepared(numbers: object, texts: object, model: object):
    """A user's own fit: a preparation of their choice in front of a model of their choice."""

    def fit(table: pa.Table, target: np.ndarray, seed: int) -> object:
        columns = ColumnTransformer(
            [("numbers", numbers, ["age", "noise"]), ("texts", texts, ["colour", "shape"])],
        )
        return Pipeline([("columns", columns), ("model", model)]).fit(table.to_pandas(), target)

    return fit


ONE_HOT = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
ORDINAL = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
ENTRIES = [
    (prepared("passthrough", ORDINAL, DecisionTreeClassifier(max_depth=5)), Task.BINARY, Method.TREES),
    (prepared("passthrough", ONE_HOT, GradientBoostingClassifier(n_estimators=10)), Task.BINARY, Method.TREES),
    (prepared("passthrough", ONE_HOT, GradientBoostingRegressor(n_estimators=10)), Task.REGRESSION, Method.TREES),
    (prepared("passthrough", ONE_HOT, DecisionTreeRegressor(max_depth=5)), Task.REGRESSION, Method.TREES),
    (prepared(StandardScaler(), ONE_HOT, LinearRegression()), Task.REGRESSION, Method.LINEAR),
    (prepared(StandardScaler(), ONE_HOT, ExtraTreesClassifier(10, max_depth=4)), Task.MULTICLASS, Method.TREES),
    (prepared("passthrough", ONE_HOT, LogisticRegression()), Task.BINARY, Method.LINEAR),
    (prepared(MinMaxScaler(), ONE_HOT, MLPClassifier((4,), max_iter=800)), Task.BINARY, Method.SAMPLED),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("fit", "task", "method"), ENTRIES)
def test_own_models_are_explained_whatever_they_are(fit, task, method) -> None:
    model, predictor, train = fitted(fit, task)
    making = Making(rows=50, seed=3)
    explainer = make_explainer(model, predictor, train, making)
    assert explainer.method is method
    new, _ = world(task, 20, seed=9)
    explanation = explainer.explain(new, predictor)
    assert additivity_error(explanation, spread_of(predictor.predict(train))).max() < 1e-5
    background = train.take(background_of(predictor.predict(train), 50))
    column = int(explanation.explained[0])
    true = brute_force(of_one_row(new, 0), background, predictor, explainer.scale, column)
    allowed = 5e-6 + 4 * explanation.standard_error[0]
    assert (np.abs(explanation.contributions[0] - true) <= allowed).all()
    assert explanation.standard_error.any() == (method is Method.SAMPLED)


def test_without_the_bytes_the_model_is_sampled_and_both_agree() -> None:
    model, predictor, train = fitted(gradient_boosting, Task.MULTICLASS)
    exact = make_explainer(model, predictor, train, Making(rows=50))
    assert make_explainer(None, predictor, train, MAKING).method is Method.SAMPLED
    sampler = make_sampler(predictor, train, Making(rows=50, seed=4), exact.scale)
    new, _ = world(Task.MULTICLASS, 10, seed=9)
    ours, sampled = exact.explain(new, predictor), sampler.explain(new, predictor)
    np.testing.assert_allclose(ours.base, sampled.base, atol=1e-5)
    assert (np.abs(ours.contributions - sampled.contributions) <= 4 * sampled.standard_error + 0.02).all()
    assert sampled.standard_error.mean() < 0.2 * np.abs(sampled.contributions).mean() + 0.1


def test_an_explainer_needs_rows_and_a_background_it_can_count() -> None:
    model, predictor, train = fitted(logistic_regression, Task.BINARY)
    with pytest.raises(InputError, match="no rows"):
        make_explainer(model, predictor, train.take(slice(0)), MAKING)
    with pytest.raises(InputError, match="background"):
        Making(rows=256)


def test_a_reading_that_does_not_answer_as_the_model_is_dropped() -> None:
    model, _, train = fitted(logistic_regression, Task.BINARY)
    _, other, _ = fitted(gradient_boosting, Task.BINARY)
    assert make_explainer(model, other, train, MAKING).method is Method.SAMPLED


def test_a_pipeline_without_columns_of_text_is_read_as_one_matrix() -> None:
    features = tuple(Feature(name=n, kind=FeatureKind.NUMERIC) for n in "ab")
    signature = Signature(task=Task.BINARY, features=features, classes=("0", "1"))
    rows = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    fit = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, (rows[:, 0] > 0).astype(int))
    model = export(fit, signature)
    inputs = Inputs(rows, np.empty((100, 0), object))
    explainer = make_explainer(model, Predictor(model, signature), inputs, MAKING)
    assert explainer.method is Method.LINEAR
    found = explainer.explain(inputs, Predictor(model, signature))
    assert np.abs(found.contributions[:, 0]).mean() > 5 * np.abs(found.contributions[:, 1]).mean()
