"""Graphs without detours: what was taken apart only to be put together again, and nothing else."""

import numpy as np
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from secmlops.training.simplify import needed, simplified

ROW = np.array([[1.0, 2.0, 3.0]], np.float32)
PARTS = ["a", "b", "c"]


def split(parts=PARTS, source="numeric"):
    return helper.make_node("Split", [source], parts, axis=1, num_outputs=len(parts))


def joined(parts, name="joined", axis=1):
    return helper.make_node("Concat", parts, [name], axis=axis)


def answer(source="joined", name="answer"):
    return helper.make_node("Identity", [source], [name])


def kinds(nodes):
    return [node.op_type for node in simplified(nodes, "answer")]


def run(nodes):
    numeric, given = helper.make_tensor_value_info, ["n", 3]
    graph = helper.make_graph(
        list(nodes), "g", [numeric("numeric", TensorProto.FLOAT, given)], [numeric("answer", TensorProto.FLOAT, None)]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"numeric": ROW})[0]


@pytest.mark.parametrize("axis", [1, -1])
def test_what_is_split_and_joined_again_goes_straight_through(axis):
    nodes = [split(), joined(PARTS, axis=axis), answer()]
    assert kinds(nodes) == ["Identity"]
    assert (run(simplified(nodes, "answer")) == run(nodes)).all()


@pytest.mark.parametrize("parts", [["c", "b", "a"], ["a", "b"], ["a", "b", "c", "c"], ["a", "a", "a"]])
def test_another_order_or_other_parts_stay_as_they_are(parts):
    nodes = [split(), joined(parts), answer()]
    assert kinds(nodes) == ["Split", "Concat", "Identity"]
    assert (run(simplified(nodes, "answer")) == ROW[:, ["abc".index(part) for part in parts]]).all()


def test_rows_put_below_one_another_are_not_columns():
    assert kinds([split(), joined(PARTS, axis=0), answer()]) == ["Split", "Concat", "Identity"]


def test_a_part_that_is_wanted_by_others_keeps_the_split():
    nodes = [split(), joined(PARTS), helper.make_node("Add", ["joined", "b"], ["answer"])]
    assert kinds(nodes) == ["Split", "Add"]
    assert (run(simplified(nodes, "answer")) == ROW + 2).all()


def test_one_detour_after_another_is_taken_out():
    again = ["d", "e", "f"]
    nodes = [split(), joined(PARTS), split(again, "joined"), joined(again, "twice"), answer("twice")]
    assert kinds(nodes) == ["Identity"]
    assert (run(simplified(nodes, "answer")) == ROW).all()


def test_a_name_that_a_subgraph_takes_from_outside_stays():
    inner = helper.make_graph([answer("joined", "kept")], "inner", [], [])
    choice = helper.make_node("If", ["condition"], ["answer"], then_branch=inner, else_branch=inner)
    assert kinds([split(), joined(PARTS), choice]) == ["Split", "Concat", "If"]


def test_what_nobody_needs_is_left_out():
    label = helper.make_node("ArgMax", ["joined"], ["label"])
    assert [n.op_type for n in needed([split(), joined(PARTS), label, answer()], "answer")] == [
        "Split",
        "Concat",
        "Identity",
    ]
