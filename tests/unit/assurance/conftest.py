"""Models under test whose answers the test chooses."""

from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from secmlops.assurance.subject import LearningCurve, ModelUnderTest
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

Rows = tuple[np.ndarray, np.ndarray]
"""Target [n] and the answers [n, k] to it."""


@pytest.fixture(scope="session")
def under_test(echo: Callable[..., Predictor]) -> Callable[..., ModelUnderTest]:
    """Model of a task that answers the training rows and the holdout as given."""

    def build(
        train: Rows, holdout: Rows, task: Task = Task.BINARY, curve: LearningCurve | None = None, seed: int = 0
    ) -> ModelUnderTest:
        predictor = echo(task, train[1].shape[1])
        return ModelUnderTest(predictor, _examples(train), _examples(holdout), curve, seed)

    return build


def _examples(rows: Rows) -> Examples:
    target, answers = rows
    return Examples(Inputs(answers.astype(np.float32), np.empty((len(target), 0), object)), target)


@pytest.fixture(scope="session")
def soft() -> Callable[..., ModelUnderTest]:
    """Model of two classes that answers its rows as given, and changed ones too: the softmax of its inputs."""
    graph = helper.make_graph(
        [helper.make_node("Softmax", ["numeric"], ["probabilities"])],
        "soft",
        [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])],
    )
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    features = tuple(Feature(name=f"answer_{i}", kind=FeatureKind.NUMERIC) for i in range(2))
    predictor = Predictor(model.SerializeToString(), Signature(task=Task.BINARY, features=features, classes=("n", "y")))

    def build(train: Rows, holdout: Rows, **groups: tuple[np.ndarray, np.ndarray]) -> ModelUnderTest:
        parts = []
        for place, (target, answers) in enumerate((train, holdout)):
            inputs = Inputs(np.log(answers).astype(np.float32), np.empty((len(target), 0), object))
            parts.append(Examples(inputs, target, {name: both[place] for name, both in groups.items()}))
        return ModelUnderTest(predictor, *parts)

    return build
