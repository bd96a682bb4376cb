"""Tests of what a model may be made of."""

from contextlib import nullcontext

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
    with pytest.raises(VerificationError, match="operator 'Loop', which is not on the list"):
        check_structure(model(loop()), "m")


def test_a_branch_is_refused_whatever_it_holds() -> None:
    out = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    branch = helper.make_graph([loop()], "b", [], out)
    with pytest.raises(VerificationError, match="'If'"):
        check_structure(model(helper.make_node("If", ["yes"], ["y"], then_branch=branch, else_branch=branch)), "m")


def test_an_allowed_operator_gets_no_graph() -> None:
    graph = helper.make_graph([loop()], "b", [], [])
    with pytest.raises(VerificationError, match="graph of its own"):
        check_structure(model(helper.make_node("Identity", ["x"], ["y"], body=graph)), "m")


def test_operators_of_its_own_are_refused() -> None:
    function = helper.make_function("own", "f", ["x"], ["y"], [loop()], [helper.make_opsetid("", 17)])
    with pytest.raises(VerificationError, match="operators of its own"):
        check_structure(model(helper.make_node("f", ["x"], ["y"], domain="own"), functions=(function,)), "m")


@pytest.mark.parametrize(
    "node",
    [
        helper.make_node("Range", ["one", "one", "one"], ["y"]),
        helper.make_node("NonZero", ["x"], ["y"]),
        helper.make_node("Einsum", ["x", "x"], ["y"], equation="ab,cd->"),
        helper.make_node("FusedGemm", ["x", "x"], ["y"], domain="com.microsoft"),
        helper.make_node("\x1b[31mevil", ["x"], ["y"]),
    ],
    ids=lambda node: node.op_type.strip("\x1b"),
)
def test_what_is_not_on_the_list_is_refused_and_named(node: onnx.NodeProto) -> None:
    with pytest.raises(VerificationError, match="not on the list") as refused:
        check_structure(model(node), "m")
    assert ascii(node.op_type) in refused.value.what
    assert refused.value.what.isprintable()


@pytest.mark.parametrize(("extent", "refused"), [(3_000_000_000, True), (-1, True), (8, False)])
def test_a_shape_is_small_and_known(extent: int, refused: bool) -> None:
    asked = helper.make_node("Constant", [], ["s"], value=helper.make_tensor("s", TensorProto.INT64, [1], [extent]))
    data = model(asked, helper.make_node("ConstantOfShape", ["s"], ["y"]))
    with pytest.raises(VerificationError, match="'ConstantOfShape'") if refused else nullcontext():
        check_structure(data, "m")


def test_a_shape_whose_bytes_are_missing_is_refused() -> None:
    short = onnx.TensorProto(name="s", data_type=TensorProto.INT64, dims=[1], raw_data=b"\0")
    nodes = helper.make_node("Constant", [], ["s"], value=short), helper.make_node("Expand", ["x", "s"], ["y"])
    with pytest.raises(VerificationError, match="'Expand'"):
        check_structure(model(*nodes), "m")


def test_a_shape_that_is_computed_is_refused() -> None:
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Mul", ["s", "s"], ["t"]),
        helper.make_node("Tile", ["x", "t"], ["y"]),
    ]
    with pytest.raises(VerificationError, match="'Tile'"):
        check_structure(model(*nodes), "m")


@pytest.mark.parametrize(("child", "refused"), [(0, True), (1, False)])
def test_a_tree_that_runs_in_a_ring_is_refused(child: int, refused: bool) -> None:
    tree = helper.make_node(
        "TreeEnsembleRegressor",
        ["x"],
        ["y"],
        domain="ai.onnx.ml",
        nodes_nodeids=[0, 1, 2],
        nodes_treeids=[0, 0, 0],
        nodes_truenodeids=[child, 0, 0],
        nodes_falsenodeids=[2, 0, 0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_values_as_tensor=helper.make_tensor("v", TensorProto.DOUBLE, [3], np.zeros(3)),
    )
    with pytest.raises(VerificationError, match="downwards") if refused else nullcontext():
        check_structure(model(tree), "m")


def scan(step: str, inner: str) -> onnx.NodeProto:
    """Rows scanned one by one, with a state that each round hands on by the operator ``step``."""
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("s", "r")]
    results = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("t", "o")]
    nodes = [helper.make_node(step, ["s"], ["t"]), helper.make_node(inner, ["s", "r"], ["o"])]
    body = helper.make_graph(nodes, "body", values, results)
    return helper.make_node("Scan", ["x", "x"], ["z", "y"], body=body, num_scan_inputs=1)


def test_distances_row_by_row_pass() -> None:
    check_structure(model(scan("Identity", "Sub")), "m")


@pytest.mark.parametrize(
    ("step", "inner", "told"), [("Neg", "Sub", "depend on one another"), ("Identity", "MatMul", "within a Scan")]
)
def test_any_other_scan_is_refused(step: str, inner: str, told: str) -> None:
    with pytest.raises(VerificationError, match=told):
        check_structure(model(scan(step, inner)), "m")


@pytest.mark.parametrize("data", [b"\xff" * 10, b"not a model"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(VerificationError, match="not an ONNX model"):
        check_structure(data, "m")
