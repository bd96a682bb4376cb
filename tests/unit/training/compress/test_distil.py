"""Students, where it is known what they should have learned."""

from collections.abc import Callable

import numpy as np
import pytest

from secmlops.core.task import Task
from secmlops.training.answers import answers
from secmlops.training.compress.distil import distil
from secmlops.training.compress.settings import Student
from secmlops.training.models import linear_regression, logistic_regression
from secmlops.training.transport import to_table


@pytest.mark.parametrize("task", Task)
def test_a_linear_teacher_is_learned_exactly(problem: Callable, task: Task) -> None:
    examples, signature = problem(task)
    table = to_table(examples.inputs, signature)
    teacher = (logistic_regression if task.is_classification else linear_regression)(table, examples.target, 0)
    taught = answers(teacher, table, signature)
    learned = answers(distil(Student.LINEAR, table, taught, 0), table, signature)
    assert learned == pytest.approx(taught, abs=1e-4)


@pytest.mark.parametrize("student", Student)
def test_a_constant_teacher_has_constant_students(problem: Callable, student: Student) -> None:
    examples, signature = problem(Task.MULTICLASS)
    table = to_table(examples.inputs, signature)
    taught = np.tile([0.7, 0.2, 0.1], (len(examples), 1))
    learned = answers(distil(student, table, taught, 0), table, signature)
    assert learned == pytest.approx(taught, abs=1e-3)


def test_a_small_tree_learns_soft_labels_not_hard_ones(problem: Callable) -> None:
    examples, signature = problem(Task.BINARY)
    table = to_table(examples.inputs, signature)
    likely = np.where(examples.inputs.categorical[:, 0] == "car", 0.8, 0.6)  # the class called is always the same
    learned = answers(distil(Student.SMALL_TREE, table, np.stack([1 - likely, likely], axis=1), 0), table, signature)
    assert learned[:, 1] == pytest.approx(likely, abs=1e-9)


@pytest.mark.parametrize("student", [Student.SMALL_TREE, Student.SMALL_BOOSTING])
def test_quantities_are_learned_too(problem: Callable, student: Student) -> None:
    examples, signature = problem(Task.REGRESSION)
    table = to_table(examples.inputs, signature)
    learned = answers(distil(student, table, examples.target[:, None], 0), table, signature)[:, 0]
    assert np.corrcoef(learned, examples.target)[0, 1] > 0.9
