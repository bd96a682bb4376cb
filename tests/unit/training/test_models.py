"""The built-in models learn, take any category and are reproducible."""

from collections.abc import Callable

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.training.columns import MAX_CATEGORIES
from secmlops.training.models import MODELS, built_in
from secmlops.training.transport import to_table

FITTING = [
    (name, task)
    for name in MODELS
    for task in Task
    if (name, task.is_classification) not in {("logistic_regression", False), ("linear_regression", True)}
]


@pytest.mark.parametrize(("name", "task"), FITTING)
def test_a_model_learns_the_same_twice(problem: Callable, name: str, task: Task) -> None:
    examples, signature = problem(task)
    table = to_table(examples.inputs, signature)
    first, second = (built_in(name)(table, examples.target, 7) for _ in range(2))
    assert first.score(table, examples.target) > 0.7
    ask = "predict_proba" if task.is_classification else "predict"
    assert np.array_equal(getattr(first, ask)(table), getattr(second, ask)(table))


@pytest.mark.parametrize(
    ("name", "task"), [("logistic_regression", Task.REGRESSION), ("linear_regression", Task.BINARY)]
)
def test_a_model_for_another_task_is_refused(problem: Callable, name: str, task: Task) -> None:
    examples, signature = problem(task)
    with pytest.raises(InputError, match="predicts"):
        built_in(name)(to_table(examples.inputs, signature), examples.target, 0)


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError) as told:
        built_in("deep_thought")
    assert "gradient_boosting, linear_regression" in str(told.value)


def test_thousands_of_categories_become_a_few_columns(problem: Callable) -> None:
    examples, signature = problem(rows=4000)
    examples.inputs.categorical[:, 1] = [f"customer {i}" for i in range(4000)]
    table = to_table(examples.inputs, signature)
    model = built_in("logistic_regression")(table, examples.target, 0)
    assert model[:-1].transform(table).shape[1] == 3 + 4 + MAX_CATEGORIES


def test_a_column_without_any_number_is_no_obstacle(problem: Callable) -> None:
    examples, signature = problem()
    examples.inputs.numeric[:, 1] = np.nan
    table = to_table(examples.inputs, signature)
    assert built_in("logistic_regression")(table, examples.target, 0).score(table, examples.target) > 0.7
