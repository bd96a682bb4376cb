"""The form of an estimator's answers."""

from collections.abc import Callable

import numpy as np

from secmlops.core.task import Task
from secmlops.training.answers import answers
from secmlops.training.transport import to_table


def test_a_class_that_was_never_seen_has_probability_0(problem: Callable) -> None:
    examples, signature = problem(Task.MULTICLASS)

    class TwoOfThree:
        classes_ = np.array([0, 2])

        def predict_proba(self, table: object) -> np.ndarray:
            return np.full((240, 2), 0.5)

    assert answers(TwoOfThree(), to_table(examples.inputs, signature), signature)[0].tolist() == [0.5, 0.0, 0.5]
