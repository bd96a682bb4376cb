"""Post-training quantisation: products of a graph in integers of 8 bits (Jacob et al., CVPR 2018).

Rows are rounded by one scale for the whole matrix, whose range the training rows gave (static), or by a scale of their
own (dynamic); weights by a scale for each output. ONNX's own ``DynamicQuantizeLinear`` takes one range for all rows of
a batch, so that a stranger's row would change the answer to yours; it is neither written nor run here.

Weights have seven bits: then no sum of two products passes 16 bits, where the instructions of some processors cut off
what does (VPMADDUBSW). So the integers are the same on every machine, and a model that was judged on one answers alike
on another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs
from secmlops.training.advice import Advice
from secmlops.training.compress.dense import Product, products_of
from secmlops.training.compress.settings import Scheme
from secmlops.training.compress.tensors import tensors

WEIGHT_LIMIT = 64
ROW_LEVELS = 255
MAX_ROWS = 20_000
"""Training rows that say what range a matrix has, at most."""
_LEAST_OPSET = 13
_AXES_ARE_INPUT = 18
_LEAST = 1e-30
"""Reach of a row of zeros: its inverse is a number still."""


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, 0 included: what uint8 stands for, in steps of ``scale`` around ``zero``."""

    low: float
    high: float

    @property
    def scale(self) -> float:
        """Width of a step; 1 where there is nothing but 0."""
        return (max(self.high, 0.0) - min(self.low, 0.0)) / ROW_LEVELS or 1.0

    @property
    def zero(self) -> int:
        """The step that stands for 0."""
        return round(-min(self.low, 0.0) / self.scale)


def quantise(model: bytes, scheme: Scheme, rows: Inputs) -> bytes:
    """Return ``model`` with every product of rows and constants in integers; ``rows`` give the ranges of INT8.

    Raises InputError where there is no such product, as in trees, and where a missing value comes to one.
    """
    read = onnx.load_from_string(model)
    graph, opset = read.graph, _opset(read)
    products = products_of(graph)
    if not products:
        raise InputError("there is no product of matrices to quantise: trees only compare", hint=Advice.NO_PRODUCTS)
    if opset < _LEAST_OPSET:
        raise InputError("the model is of an ONNX version before 13", hint=Advice.COMPRESSIBLE)
    ranges = _ranges(read, [p.rows for p in products], rows) if scheme is Scheme.INT8 else {}
    replaced: dict[int, list[onnx.NodeProto]] = {}
    for product in products:
        writing = _Writing(graph, product, opset)
        span = ranges.get(product.rows)
        replaced[product.place] = list(writing.by_row() if span is None else writing.by_range(span))
    nodes = [n for place, node in enumerate(graph.node) for n in replaced.get(place, [node])]
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [i for i in graph.initializer if i.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    onnx.checker.check_model(read, full_check=True)
    whole: bytes = read.SerializeToString(deterministic=True)
    return whole


def weights_in_integers(weights: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Weights int8 [d, k] of at most ``WEIGHT_LIMIT``, and the scale float32 [k] of each output."""
    largest = np.abs(weights).max(axis=0, initial=0.0)
    scale = np.where(largest > 0, largest / WEIGHT_LIMIT, 1.0).astype(np.float32)
    return np.clip(np.round(weights / scale), -WEIGHT_LIMIT, WEIGHT_LIMIT).astype(np.int8), scale


def _opset(model: onnx.ModelProto) -> int:
    return next((o.version for o in model.opset_import if o.domain in {"", "ai.onnx"}), 0)


def _ranges(model: onnx.ModelProto, names: Sequence[str], rows: Inputs) -> Mapping[str, Range]:
    """Range that each of the tensors ``names`` has over ``rows``; raises InputError for a missing value in one."""
    found = tensors(model, names, rows.take(slice(0, MAX_ROWS)))
    if not all(np.isfinite(tensor).all() for tensor in found.values()):
        raise InputError("a missing value comes to a product of matrices", hint=Advice.IMPUTE)
    return {name: Range(float(tensor.min()), float(tensor.max())) for name, tensor in found.items()}


class _Writing:
    """Writes operators in the place of one product; their constants go into the ``graph``."""

    def __init__(self, graph: onnx.GraphProto, product: Product, opset: int) -> None:
        self._graph, self._product, self._opset = graph, product, opset
        self._weights, self._scales = weights_in_integers(product.weights)

    def by_range(self, span: Range) -> Iterator[onnx.NodeProto]:
        """Round all rows by the steps of a range."""
        zero = self._constant("zero", np.array(span.zero, np.uint8))
        step = self._constant("step", np.array(span.scale, np.float32))
        yield self._node("QuantizeLinear", [self._product.rows, step, zero], "rows")
        yield self._node("MatMulInteger", [self._name("rows"), self._constant("weights", self._weights), zero], "sums")
        yield self._node("Cast", [self._name("sums")], "plain", to=TensorProto.FLOAT)
        both = self._constant("scales", self._scales * np.float32(span.scale))
        yield self._node("Mul", [self._name("plain"), both], "product")
        yield from self._after()

    def by_row(self) -> Iterator[onnx.NodeProto]:
        """Round each row by its own largest value."""
        axes = [self._constant("axes", np.array([1], np.int64))] if self._opset >= _AXES_ARE_INPUT else []
        more: dict[str, Any] = {} if axes else {"axes": [1]}
        yield self._node("Abs", [self._product.rows], "size")
        yield self._node("ReduceMax", [self._name("size"), *axes], "largest", keepdims=1, **more)
        least = self._constant("least", np.array([_LEAST], np.float32))
        yield self._node("Max", [self._name("largest"), least], "reach")
        yield self._node("Mul", [self._name("reach"), self._constant("one", np.array([1 / 127], np.float32))], "step")
        yield self._node("Div", [self._product.rows, self._name("step")], "steps")
        # by a unit scale: bytes without a sign are multiplied eight times as quickly as those with one
        unit, zero = (self._constant("unit", np.array(1, np.float32)), self._constant("zero", np.array(128, np.uint8)))
        yield self._node("QuantizeLinear", [self._name("steps"), unit, zero], "rows")
        yield self._node("MatMulInteger", [self._name("rows"), self._constant("weights", self._weights), zero], "sums")
        yield self._node("Cast", [self._name("sums")], "plain", to=TensorProto.FLOAT)
        yield self._node("Mul", [self._name("plain"), self._constant("scales", self._scales)], "weighed")
        yield self._node("Mul", [self._name("weighed"), self._name("step")], "product")
        yield from self._after()

    def _after(self) -> Iterator[onnx.NodeProto]:
        bias = self._constant("bias", self._product.bias)
        yield self._node("Add", [self._name("product"), bias], "answer")
        after = helper.make_node(self._product.after, [self._name("answer")], [self._product.output])
        if self._product.after == "Softmax":
            after.attribute.append(helper.make_attribute("axis", 1))
        yield after

    def _name(self, part: str) -> str:
        return f"int8/{self._product.place}/{part}"

    def _node(self, kind: str, inputs: Sequence[str], part: str, **attributes: Any) -> onnx.NodeProto:
        return helper.make_node(kind, inputs, [self._name(part)], **attributes)

    def _constant(self, part: str, values: npt.NDArray[Any]) -> str:
        self._graph.initializer.append(numpy_helper.from_array(values, self._name(part)))
        return self._name(part)
