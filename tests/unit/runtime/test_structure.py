"""Tests of what a model may be made of."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from secmlops.core.errors import VerificationError
from secmlops.runtime.structure import check_structure


def model(*nodes: onnx.NodeProto, functions: tuple[onnx.FunctionProto, ...] = ()) -> bytes:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 1])
    one = helper.make_tensor("one", TensorProto.INT64, [], np.array([1]))
    yes = helper.make_tensor("yes", TensorProto.BOOL, [], np.array([True]))
    graph = helper.make_graph(list(nodes), "g", [x], [y], [one, yes])
    return helper.make_model(graph, functions=list(functions)).SerializeToString()


def loop() -> onnx.NodeProto:
    condition = helper.make_tensor_value_info("c", TensorProto.BOOL, [])
    count = helper.make_tensor_value_info("i", TensorProto.INT64, [])
    state = helper.make_tensor_value_info("s", TensorProto.FLOAT, [None, 1])
    out = [helper.make_tensor_value_info(n, t, None) for n, t in (("c2", TensorProto.BOOL), ("s2", TensorProto.FLOAT))]
    steps = [helper.make_node("Identity", ["c"], ["c2"]), helper.make_node("Identity", ["s"], ["s2"])]
    body = helper.make_graph(steps, "body", [count, condition, state], out)
    return helper.make_node("Loop", ["one", "yes", "x"], ["y"], body=body)


def test_a_plain_model_passes() -> None:
    check_structure(model(helper.make_node("Identity", ["x"], ["y"])), "m")


def test_a_loop_is_refused() -> None:
    with pytest.raises(VerificationError, match="Loop may run for ever"):
        check_structure(model(loop()), "m")


def test_a_loop_inside_a_branch_is_refused() -> None:
    out = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    branch = helper.make_graph([loop()], "b", [], out)
    with pytest.raises(VerificationError, match="Loop"):
        check_structure(model(helper.make_node("If", ["yes"], ["y"], then_branch=branch, else_branch=branch)), "m")


def test_a_loop_inside_a_function_is_refused() -> None:
    function = helper.make_function("own", "f", ["x"], ["y"], [loop()], [helper.make_opsetid("", 17)])
    with pytest.raises(VerificationError, match="Loop"):
        check_structure(model(helper.make_node("f", ["x"], ["y"], domain="own"), functions=(function,)), "m")


@pytest.mark.parametrize("data", [b"\xff" * 10, b"not a model"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(VerificationError, match="not an ONNX model"):
        check_structure(data, "m")
