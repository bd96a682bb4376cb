"""Small networks: they learn, and they become ONNX of standard operators."""

from collections.abc import Callable

import numpy as np
import pytest

from secmlops.core.task import Task
from secmlops.runtime.predictor import Predictor
from secmlops.training.answers import answers
from secmlops.training.export import export
from secmlops.training.network import neural_network
from secmlops.training.transport import to_table


@pytest.mark.parametrize("task", list(Task))
def test_a_network_learns_and_answers_alike_in_onnx(problem: Callable, task: Task) -> None:
    examples, signature = problem(task)
    table = to_table(examples.inputs, signature)
    estimator = neural_network(table, examples.target * 1000 if task is Task.REGRESSION else examples.target, 0)
    told = answers(estimator, table, signature)
    model = Predictor(export(estimator, signature), signature)
    np.testing.assert_allclose(model.predict(examples.inputs), told, rtol=1e-4, atol=1e-4)
    if task is Task.REGRESSION:
        assert np.corrcoef(told[:, 0], examples.target)[0, 1] > 0.8
    else:
        assert np.mean(told.argmax(axis=1) == examples.target) > 0.75
