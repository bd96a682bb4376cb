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
from secmlops.runtime.signature import Inputs
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
        np.testing.assert_allclose(explanation.contributions[row], true, atol=5e-6)
    assert additivity_error(explanation, spread_of(predictor.predict(train))).max() < 1e-5
    assert not explanation.standard_error.any()
    again = Explainer.from_bytes(explainer.to_bytes(), signature_of(task))
    np.testing.assert_array_equal(again.explain(new, predictor).contributions, explanation.contributions)
    assert again.to_bytes() == explainer.to_bytes()
