"""Finds tensors of an ONNX model whose values lie outside its bytes.

Such a model is not what its digest names: ONNX Runtime would read the values from a path that the model chooses.
"""

from collections.abc import Iterator
from typing import Any

from secmlops.runtime.onnx_format import TensorProto


def external_tensors(model: Any) -> list[str]:
    """Names of the tensors with external data, wherever they lie: initialisers, attributes, subgraphs, functions."""
    nodes = [node for function in model.functions for node in function.node]
    tensors = [*_in_graph(model.graph), *_in_nodes(nodes)]
    for training in model.training_info:
        tensors += [*_in_graph(training.initialization), *_in_graph(training.algorithm)]
    return [t.name for t in tensors if t.data_location == TensorProto.EXTERNAL or t.external_data]


def _in_graph(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from _in_nodes(graph.node)


def _in_nodes(nodes: Any) -> Iterator[Any]:
    for node in nodes:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)
            for graph in (attribute.g, *attribute.graphs):
                yield from _in_graph(graph)
