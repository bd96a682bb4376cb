"""Mending gives what training again gives: a forest bit by bit, a logistic regression within its bound."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.task import Task
from secmlops.training.export import export
from secmlops.training.models import Target, built_in, keys_of
from secmlops.training.transport import to_table
from secmlops.training.unlearning.memory import Memory
from secmlops.training.unlearning.mended import MENDABLE, Mended
from secmlops.training.unlearning.mending import MAX_DISTANCE, mend
from secmlops.training.unlearning.planner import Way

SEED = 7


def memory_of(model: str, table: pa.Table, target: Target) -> Memory:
    """What a model that is fitted on these rows leaves behind, as it comes back from the vault."""
    estimator = built_in(model)(table, target, SEED)
    return Memory.from_bytes(Memory.of(model, estimator, keys_of(table, target)).to_bytes())


def without(table: pa.Table, target: Target, *rows: int) -> tuple[pa.Table, Target, int]:
    left = np.delete(np.arange(len(target)), rows)
    return table.take(left), target[left], SEED


@pytest.mark.parametrize("task", list(Task))
def test_a_mended_forest_is_that_of_training_again_to_the_last_byte(problem: Callable, task: Task) -> None:
    examples, signature = problem(task)
    table = to_table(examples.inputs, signature)
    left = without(table, examples.target, 3)
    mended, told = mend(memory_of("random_forest", table, examples.target), left)
    assert told.way is Way.TREES
    assert 20 < told.trees < 60  # of a hundred, of which each sees two fifths of the rows
    assert export(mended, signature) == export(built_in("random_forest")(*left), signature)


def test_a_mended_logistic_regression_is_within_its_bound_of_training_again(problem: Callable) -> None:
    examples, signature = problem(rows=2000)
    table = to_table(examples.inputs, signature)
    left = without(table, examples.target, 3, 4)
    memory = memory_of("logistic_regression", table, examples.target)
    mended, told = mend(memory, left)
    again = built_in("logistic_regression")(*left)
    assert told.way is Way.NEWTON
    assert told.residual <= told.bound
    assert told.distance <= MAX_DISTANCE
    weights = [np.append(model["model"].coef_, model["model"].intercept_) for model in (mended, again)]
    distance = np.linalg.norm(weights[0] - weights[1])
    assert distance <= told.distance + 1e-5
    assert distance < np.linalg.norm(memory.array("weights") - weights[1]) / 100
    assert export(mended, signature)


@pytest.mark.parametrize("model", sorted(MENDABLE))
def test_where_a_category_goes_with_the_rows_the_model_is_trained_again(problem: Callable, model: str) -> None:
    examples, signature = problem()
    examples.inputs.categorical[3, 0] = "castle"
    table = to_table(examples.inputs, signature)
    left = without(table, examples.target, 3)
    mended, told = mend(memory_of(model, table, examples.target), left)
    assert told == Mended(way=Way.RETRAINING)
    assert export(mended, signature) == export(built_in(model)(*left), signature)


def test_three_classes_are_trained_again(problem: Callable) -> None:
    examples, signature = problem(Task.MULTICLASS)
    table = to_table(examples.inputs, signature)
    memory = memory_of("logistic_regression", table, examples.target)
    assert mend(memory, without(table, examples.target, 3))[1].way is Way.RETRAINING


def test_a_memory_holds_no_row(problem: Callable) -> None:
    examples, signature = problem()
    examples.inputs.categorical[:, 0] = [f"castle {n}" for n in range(len(examples))]
    table = to_table(examples.inputs, signature)
    assert b"castle" not in memory_of("random_forest", table, examples.target).to_bytes()
