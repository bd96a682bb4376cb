"""Only what is known for certain is read; everything else is said to be unreadable."""

from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from kits.explain_world import fitted, signature_of
from secmlops.core.task import Task
from secmlops.explain.columns import Category, Number
from secmlops.explain.reading import UnreadableError, read_head
from secmlops.training.models import logistic_regression

SIGNATURE = signature_of(Task.BINARY)
"""Three numeric and two categorical features."""
PLAIN = {"Split", "Concat", "Identity", "Cast", "Reshape", "Gather", "Softmax"}
LINEAR = {"coefficients": [-1.0, 1.0], "intercepts": [0.0, 0.0], "classlabels_ints": [0, 1]}


def node(kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> onnx.NodeProto:
    domain = (
        "" if kind in {"Split", "Concat", "Identity", "Cast", "Reshape", "Gather", "Add", "Softmax"} else "ai.onnx.ml"
    )
    return helper.make_node(kind, inputs, outputs, domain=domain, **attributes)


def model(*nodes: onnx.NodeProto, **constants: list[int]) -> bytes:
    tensors = [helper.make_tensor(n, TensorProto.INT64, [len(v)], v) for n, v in constants.items()]
    inputs = [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, [None, 3])]
    outputs = [helper.make_tensor_value_info(nodes[-1].output[-1], TensorProto.FLOAT, [None, 2])]
    return helper.make_model(helper.make_graph(nodes, "g", inputs, outputs, tensors)).SerializeToString()


def head(source: str) -> onnx.NodeProto:
    return node("LinearClassifier", [source], ["label", "probabilities"], **LINEAR)


def columns_after(*nodes: onnx.NodeProto, **constants: list[int]) -> tuple[Any, ...]:
    return read_head(model(*nodes, head(nodes[-1].output[0]), **constants), SIGNATURE).columns


def test_the_built_in_preparation_is_read_feature_by_feature() -> None:
    found = read_head(fitted(logistic_regression, Task.BINARY, 100)[0], SIGNATURE)
    assert found.operator == "LinearClassifier"
    numbers = [c for c in found.columns if isinstance(c, Number)]
    assert [c.feature for c in numbers] == [0, 1, 2]
    assert all(c.fill is not None for c in numbers)
    categories = [c for c in found.columns if isinstance(c, Category)]
    assert [(c.feature, set(c.values)) for c in categories] == [
        (0, {"blue"}), (0, {"green"}), (0, {"red"}), (1, {""}), (1, {"round"})
    ]  # fmt: skip


def test_columns_are_followed_through_what_moves_them() -> None:
    moved = [
        node("Cast", ["numeric"], ["cast"], to=TensorProto.FLOAT),
        node("Split", ["cast", "sizes"], ["a", "b"], axis=1),
        node("Concat", ["b", "a"], ["turned"], axis=1),
        node("Gather", ["turned", "places"], ["picked"], axis=1),
        node("ArrayFeatureExtractor", ["picked", "one"], ["last"]),
        node("Reshape", ["last", "shape"], ["same"]),
        node("Identity", ["same"], ["out"]),
    ]
    found = columns_after(*moved, sizes=[1, 2], places=[2, 0], one=[1], shape=[-1, 1])
    assert found == (Number(1),)


def test_categories_become_numbers_by_their_book() -> None:
    encoded = node(
        "LabelEncoder", ["categorical"], ["codes"], keys_strings=["a", "b"], values_int64s=[0, 1], default_int64=-1
    )
    assert columns_after(encoded) == (Category(0, {"a": 0.0, "b": 1.0}, -1.0), Category(1, {"a": 0.0, "b": 1.0}, -1.0))


UNREADABLE = {
    "another operator": [node("Softmax", ["numeric"], ["x"])],
    "an unknown input": [node("Identity", ["elsewhere"], ["x"])],
    "half an unknown input": [node("Concat", ["numeric", "elsewhere"], ["x"], axis=1)],
    "a cast to text": [node("Cast", ["numeric"], ["x"], to=TensorProto.STRING)],
    "a cast of text": [node("Cast", ["categorical"], ["x"], to=TensorProto.FLOAT)],
    "text": [node("Identity", ["categorical"], ["x"])],
    "rows joined": [node("Concat", ["numeric", "numeric"], ["x"], axis=0)],
    "rows split": [node("Split", ["numeric"], ["x", "y"], axis=0)],
    "an uneven split": [node("Split", ["numeric"], ["x", "y"], axis=1)],
    "another shape": [node("Reshape", ["numeric", "shape"], ["x"])],
    "rows picked": [node("Gather", ["numeric", "places"], ["x"], axis=0)],
    "columns beyond": [node("Gather", ["numeric", "beyond"], ["x"], axis=1)],
    "zeros imputed": [node("Imputer", ["numeric"], ["x"], imputed_value_floats=[1.0], replaced_value_float=0.0)],
    "imputed twice": [
        node("Imputer", ["numeric"], ["i"], imputed_value_floats=[1.0], replaced_value_float=float("nan")),
        node("Imputer", ["i"], ["x"], imputed_value_floats=[1.0], replaced_value_float=float("nan")),
    ],
    "scaled twice": [
        node("Scaler", ["numeric"], ["s"], offset=[1.0], scale=[2.0]),
        node("Scaler", ["s"], ["x"], offset=[1.0], scale=[2.0]),
    ],
    "too few scales": [node("Scaler", ["numeric"], ["x"], offset=[1.0, 2.0], scale=[2.0, 1.0])],
    "a scale that is no number": [node("Scaler", ["numeric"], ["x"], offset=[1.0], scale=[float("inf")])],
    "numbers as categories": [node("OneHotEncoder", ["numeric"], ["x"], cats_int64s=[1, 2])],
    "numbers as texts": [node("OneHotEncoder", ["numeric"], ["x"], cats_strings=["a"])],
    "an encoder that refuses": [node("OneHotEncoder", ["categorical"], ["x"], cats_strings=["a"], zeros=0)],
    "a book of texts": [node("LabelEncoder", ["categorical"], ["x"], keys_strings=["a"], values_strings=["b"])],
}


@pytest.mark.parametrize("nodes", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_not_known_is_unreadable(nodes: list[onnx.NodeProto]) -> None:
    with pytest.raises(UnreadableError):
        columns_after(*nodes, shape=[3, -1], places=[0], beyond=[3])


def test_what_follows_the_head_may_only_hand_its_answer_on() -> None:
    handed = [head("numeric"), node("Normalizer", ["probabilities"], ["p"], norm="L1"), node("Identity", ["p"], ["x"])]
    assert read_head(model(*handed), SIGNATURE).operator == "LinearClassifier"
    for wrong in (node("Softmax", ["probabilities"], ["x"]), node("Identity", ["label"], ["x"])):
        with pytest.raises(UnreadableError):
            read_head(model(head("numeric"), wrong), SIGNATURE)


def test_a_model_without_a_head_is_unreadable() -> None:
    with pytest.raises(UnreadableError, match="no linear or tree part"):
        read_head(model(node("Identity", ["numeric"], ["x"])), SIGNATURE)


def test_an_answer_that_is_not_the_heads_is_unreadable() -> None:
    graph = onnx.load_model_from_string(model(head("numeric")))
    graph.graph.output[0].name = "label"
    with pytest.raises(UnreadableError, match="does not come from"):
        read_head(graph.SerializeToString(), SIGNATURE)
