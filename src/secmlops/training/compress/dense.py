"""The products of a graph: rows times a matrix of constants, whichever operator says so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

Matrix: TypeAlias = npt.NDArray[np.float32]
Constants: TypeAlias = Mapping[str, npt.NDArray[np.float32]]
_NO_BIAS = np.zeros(1, np.float32)
_AFTER = {b"NONE": "Identity", b"LOGISTIC": "Sigmoid", b"SOFTMAX": "Softmax"}


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """The operator at ``place`` of a graph: ``after(rows @ weights + bias)``, named ``rows`` and ``output``.

    ``weights`` [d, k] and ``bias`` [k] are float32, ``after`` is the name of an operator.
    """

    place: int
    rows: str
    output: str
    weights: Matrix
    bias: Matrix
    after: str


def products_of(graph: onnx.GraphProto) -> tuple[Product, ...]:
    """Every product of rows with constants, in order."""
    constants: Constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    used = {name for node in graph.node for name in node.input} | {o.name for o in graph.output}
    return tuple(p for place, node in enumerate(graph.node) for p in _product(place, node, constants, used))


def _product(place: int, node: onnx.NodeProto, constants: Constants, used: set[str]) -> Iterator[Product]:
    given = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    if node.op_type in {"MatMul", "Gemm"} and node.input[0] not in constants and not given.get("transA"):
        named = node.input[2] if len(node.input) > 2 else ""
        weights, bias = constants.get(node.input[1]), constants.get(named, None if named else _NO_BIAS)
        if weights is None or bias is None or weights.ndim != 2 or weights.dtype != np.float32:
            return
        matrix = (weights.T if given.get("transB") else weights) * np.float32(given.get("alpha", 1.0))
        offset = bias.ravel() * np.float32(given.get("beta", 1.0))
        if offset.size in {1, matrix.shape[1]}:
            yield Product(place, node.input[0], node.output[0], matrix, _wide(offset, matrix), "Identity")
    elif node.op_type == "LinearRegressor" and given.get("post_transform", b"NONE") == b"NONE":
        matrix = _turned(given["coefficients"], int(given.get("targets", 1)))
        yield Product(place, node.input[0], node.output[0], matrix, _wide(_offset(given), matrix), "Identity")
    elif node.op_type == "LinearClassifier" and given.get("post_transform", b"NONE") in _AFTER:
        offset = _offset(given)
        labels = len(given.get("classlabels_ints", ()) or given.get("classlabels_strings", ()))
        matrix = _turned(given["coefficients"], max(labels, 1))
        if labels > 1 and matrix.size % labels == 0 and offset.size in {1, labels} and node.output[0] not in used:
            after = _AFTER[given.get("post_transform", b"NONE")]
            yield Product(place, node.input[0], node.output[1], matrix, _wide(offset, matrix), after)


def _offset(given: dict[str, list[float]]) -> Matrix:
    return np.array(given.get("intercepts") or [0.0], np.float32)


def _turned(coefficients: list[float], outputs: int) -> Matrix:
    return np.ascontiguousarray(np.array(coefficients, np.float32).reshape(outputs, -1).T)


def _wide(offset: Matrix, matrix: Matrix) -> Matrix:
    return np.broadcast_to(offset, matrix.shape[1:]).astype(np.float32)
