"""Tests of what a running model may cost."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from secmlops.core.errors import VerificationError
from secmlops.core.task import Task
from secmlops.runtime import bounds
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

SIGNATURE = Signature(task=Task.REGRESSION, features=(Feature(name="x", kind=FeatureKind.NUMERIC),))


def greedy() -> bytes:
    """A model of a few bytes for each row of input that wants gigabytes: an outer product."""
    x = helper.make_tensor_value_info("numeric", TensorProto.FLOAT, [None, 1])
    y = helper.make_tensor_value_info("prediction", TensorProto.FLOAT, [None, 1])
    wide = helper.make_tensor("w", TensorProto.FLOAT, [1, 300_000], np.ones(300_000, np.float32))
    axes = helper.make_tensor("a", TensorProto.INT64, [1], np.array([1]))
    nodes = [
        helper.make_node("Mul", ["numeric", "w"], ["z"]),
        helper.make_node("ReduceSum", ["z", "a"], ["prediction"]),
    ]
    graph = helper.make_graph(nodes, "g", [x], [y], [wide, axes])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10).SerializeToString()


def rows(count: int) -> Inputs:
    return Inputs(np.ones((count, 1), np.float32), np.empty((count, 0), object))


def test_memory_beyond_the_ceiling_is_refused_and_the_process_goes_on() -> None:
    predictor = Predictor(greedy(), SIGNATURE)
    assert predictor.predict(rows(2))[0, 0] == 300_000
    with pytest.raises(VerificationError, match="the model failed"):
        predictor.predict(rows(8192))
    assert predictor.predict(rows(2))[1, 0] == 300_000


def test_a_batch_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_BATCH_SECONDS", 0.0)
    predictor = Predictor(greedy(), SIGNATURE)
    with pytest.raises(VerificationError, match="the model failed"):
        predictor.predict(rows(100))
