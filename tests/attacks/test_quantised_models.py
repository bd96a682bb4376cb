"""Models in integers that somebody made to harm: each bypass by name."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from secmlops.core.errors import VerificationError
from secmlops.core.task import Task
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

SIGNATURE = Signature(
    task=Task.REGRESSION, features=tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(2))
)
WEIGHTS = numpy_helper.from_array(np.ones((2, 1), np.int8), "weights")
ZERO = numpy_helper.from_array(np.array(0, np.uint8), "zero")


def model(*nodes: onnx.NodeProto, constants: tuple[onnx.TensorProto, ...] = ()) -> bytes:
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["n", 1])],
        [WEIGHTS, ZERO, *constants],
    )
    made: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    return made.SerializeToString()


def after(*quantised: onnx.NodeProto) -> tuple[onnx.NodeProto, ...]:
    return (
        *quantised,
        helper.make_node("MatMulInteger", ["q", "weights"], ["sums"]),
        helper.make_node("Cast", ["sums"], ["prediction"], to=TensorProto.FLOAT),
    )


def test_a_strangers_row_cannot_change_the_answer_to_mine() -> None:
    dynamic = model(*after(helper.make_node("DynamicQuantizeLinear", ["numeric"], ["q", "s", "z"])))
    session = ort.InferenceSession(dynamic, providers=["CPUExecutionProvider"])
    mine, stranger = [1.0, 2.0], [1e6, 1e6]
    alone = session.run(None, {"numeric": np.array([mine], np.float32)})[0][0]
    beside = session.run(None, {"numeric": np.array([mine, stranger], np.float32)})[0][0]
    assert alone != beside  # what the runtime itself would do
    with pytest.raises(VerificationError, match="DynamicQuantizeLinear"):
        Predictor(dynamic, SIGNATURE)


def test_a_scale_that_a_row_chooses_is_refused() -> None:
    chosen = (
        helper.make_node("ReduceMin", ["numeric"], ["scale"], keepdims=0),
        helper.make_node("QuantizeLinear", ["numeric", "scale", "zero"], ["q"]),
    )
    with pytest.raises(VerificationError, match="no constant above 0"):
        Predictor(model(*after(*chosen)), SIGNATURE)


def test_a_row_cannot_be_multiplied_by_itself_in_integers() -> None:
    scale = numpy_helper.from_array(np.float32(1), "scale")
    nodes = (
        helper.make_node("QuantizeLinear", ["numeric", "scale", "zero"], ["q"]),
        helper.make_node("Transpose", ["q"], ["turned"]),
        helper.make_node("MatMulInteger", ["q", "turned"], ["sums"]),  # rows times rows: as large as the batch squared
        helper.make_node("Cast", ["sums"], ["prediction"], to=TensorProto.FLOAT),
    )
    with pytest.raises(VerificationError, match="no constant matrix"):
        Predictor(model(*nodes, constants=(scale,)), SIGNATURE)


def test_a_sum_cannot_run_over() -> None:
    wide = numpy_helper.from_array(np.full(((1 << 16) + 1, 1), -128, np.int8), "wide")
    node = helper.make_node("MatMulInteger", ["q", "wide"], ["sums"])
    with pytest.raises(VerificationError, match="65536"):
        Predictor(model(node, constants=(wide,)), SIGNATURE)


def test_an_operator_of_another_domain_is_no_integer_product() -> None:
    node = helper.make_node("MatMulInteger", ["numeric", "weights"], ["prediction"], domain="com.microsoft")
    with pytest.raises(VerificationError, match="not on the list"):
        Predictor(model(node), SIGNATURE)


def test_a_scale_beyond_every_column_is_refused_by_the_runtime_not_read() -> None:
    scales = numpy_helper.from_array(np.ones(5000, np.float32), "scales")
    zeros = numpy_helper.from_array(np.zeros(5000, np.uint8), "zeros")
    node = helper.make_node("QuantizeLinear", ["numeric", "scales", "zeros"], ["q"], axis=1)
    data, rows = model(*after(node), constants=(scales, zeros)), Inputs(np.ones((2, 2)), np.empty((2, 0), object))
    with pytest.raises(VerificationError):
        Predictor(data, SIGNATURE).predict(rows)
