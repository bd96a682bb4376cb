from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from secmlops.runtime.external import external_tensors


def tensor(name: str, *, external: bool) -> Any:
    made = numpy_helper.from_array(np.zeros(3, np.float32), name)
    if external:
        made.ClearField("raw_data")
        made.data_location = TensorProto.EXTERNAL
        made.external_data.add(key="location", value="weights.bin")
    return made


def graph(nodes: list[Any], initializers: list[Any]) -> Any:
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [3])
    return helper.make_graph(nodes, "g", [], [output], initializers)


def constant(held: Any) -> Any:
    return helper.make_node("Constant", [], ["y"], value=held)


def sparse(values: Any) -> Any:
    return helper.make_sparse_tensor(values, numpy_helper.from_array(np.arange(3), "indices"), [10])


def initializer(held: Any) -> onnx.ModelProto:
    return helper.make_model(graph([], [held]))


def attribute(held: Any) -> onnx.ModelProto:
    return helper.make_model(graph([constant(held)], []))


def subgraph(held: Any) -> onnx.ModelProto:
    branch = graph([constant(held)], [])
    node = helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=graph([], []))
    return helper.make_model(graph([node], []))


def sparse_attribute(held: Any) -> onnx.ModelProto:
    return helper.make_model(graph([helper.make_node("Constant", [], ["y"], sparse_value=sparse(held))], []))


def sparse_initializer(held: Any) -> onnx.ModelProto:
    made = graph([], [])
    made.sparse_initializer.append(sparse(held))
    return helper.make_model(made)


def function(held: Any) -> onnx.ModelProto:
    body = helper.make_function("mine", "F", [], ["y"], [constant(held)], [helper.make_opsetid("", 17)])
    return helper.make_model(graph([], []), functions=[body])


def training(held: Any) -> onnx.ModelProto:
    made = helper.make_model(graph([], []))
    made.training_info.add().algorithm.CopyFrom(graph([], [held]))
    return made


PLACES = [initializer, attribute, subgraph, sparse_attribute, sparse_initializer, function, training]


@pytest.mark.parametrize("place", PLACES)
def test_a_tensor_outside_is_found(place: Callable[[Any], onnx.ModelProto]) -> None:
    assert external_tensors(place(tensor("w", external=True))) == ["w"]


@pytest.mark.parametrize("place", PLACES)
def test_a_tensor_inside_is_not(place: Callable[[Any], onnx.ModelProto]) -> None:
    assert external_tensors(place(tensor("w", external=False))) == []


def test_a_location_counts_even_where_the_flag_is_missing() -> None:
    sly = tensor("w", external=True)
    sly.data_location = TensorProto.DEFAULT
    assert external_tensors(initializer(sly)) == ["w"]
