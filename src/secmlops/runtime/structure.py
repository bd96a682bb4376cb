"""Says what an ONNX model may be built of, so that whoever runs it comes to an end and runs only standard arithmetic.

A model of tables is a straight line of operators. What repeats (Loop, If, local functions), makes shapes from values
(ConstantOfShape, Range, Tile) or is unknown is refused, by an allow-list: the operators that converters of
scikit-learn, LightGBM and XGBoost write, those of plain neural networks, and few that reckon in integers
(``runtime.integers``). How much memory the rest takes is bounded by ``runtime.bounds``.
"""

import math
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from secmlops.core.errors import VerificationError
from secmlops.runtime.external import external_tensors
from secmlops.runtime.integers import INTEGERS, in_integers
from secmlops.runtime.onnx_format import ModelProto, TensorProto


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAX_NODES = 20_000
MAX_SHAPE = 1 << 20
"""Largest number of values that a shape given as a constant may ask for."""

_CUTS = _names("Cast Concat Gather Identity Slice Squeeze Unsqueeze")
"""What takes a measured shape apart and puts it together, without reckoning."""

_MAX_RANK = 16


_ELEMENTWISE = _names(
    "Abs Add And Ceil Celu Clip Cos Div Elu Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish "
    "Identity IsInf IsNaN LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not Or PRelu Pow Reciprocal "
    "Relu Round Selu Sigmoid Sign Sin Softplus Softsign Sqrt Sub Sum Tan Tanh ThresholdedRelu Where Xor"
)
_REDUCTIONS = _names(
    "ArgMax ArgMin ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum "
    "ReduceSumSquare"
)
_ROW_BY_ROW = _ELEMENTWISE | _REDUCTIONS
_STANDARD = _ROW_BY_ROW | _names(
    "AveragePool BatchNormalization Cast Concat Constant Conv CumSum Dropout Flatten Gather GatherElements Gemm "
    "GlobalAveragePool GlobalMaxPool GroupNormalization InstanceNormalization LayerNormalization LogSoftmax "
    "LpNormalization MatMul MaxPool Reshape Shape Slice Softmax Split Squeeze TopK Transpose Unsqueeze"
)
_LEARNED = _names(
    "ArrayFeatureExtractor Binarizer FeatureVectorizer Imputer LabelEncoder LinearClassifier LinearRegressor "
    "Normalizer OneHotEncoder SVMClassifier SVMRegressor Scaler TreeEnsembleClassifier TreeEnsembleRegressor"
)
_SHAPED_BY_VALUES = {"ConstantOfShape": 0, "Expand": 1, "Tile": 1}
"""Operators allowed with a constant or measured shape, and which of their inputs is the shape."""


def check_structure(data: bytes, where: str = "model") -> None:
    """Raise VerificationError for bytes that are no ONNX model, or one that holds what no model of tables needs."""
    try:
        model = ModelProto.FromString(data)
    except DecodeError:
        raise VerificationError("not an ONNX model", where=where) from None
    external = external_tensors(model)
    if external:
        raise VerificationError(
            f"{len(external)} tensors lie outside the model's bytes, the first is {_shown(external[0])}",
            where=where,
            hint="save the model as one file, without external data",
        )
    for trouble in chain(_in_model(model, len(data)), _in_nodes(model.graph)):
        raise VerificationError(
            f"the model {trouble}", where=where, hint="use estimators whose export is plain arithmetic, without loops"
        )


def _in_model(model: Any, size: int) -> Iterator[str]:
    if model.functions:
        yield "defines operators of its own"
    if model.training_info:
        yield "holds instructions for training"
    if model.graph.sparse_initializer:
        yield "holds sparse tensors"
    if len(model.graph.node) > MAX_NODES:
        yield f"has {len(model.graph.node)} operators, more than {MAX_NODES}"
    names = {i.name for i in model.graph.input}
    for tensor in model.graph.initializer:
        if tensor.name in names:
            yield "has an input with a value of its own"
        if any(d < 0 for d in tensor.dims) or _values(tensor) > 8 * size:
            yield f"holds the tensor {_shown(tensor.name)}, whose shape is larger than the model"


def _in_nodes(graph: Any) -> Iterator[str]:
    shapes, tensors = _constant_shapes(graph), _constants(graph)
    for node in graph.node:
        name = _shown(node.op_type)
        if node.op_type == "Scan" and node.domain in {"", "ai.onnx"}:
            yield from _in_scan(node)
        elif not _is_allowed(node):
            yield f"uses the operator {name}, which is not on the list of those that may run"
        elif any(_has_graph(a) for a in node.attribute):
            yield f"gives the operator {name} a graph of its own"
        elif any(_values(t) > max(t.ByteSize() * 8, 64) for a in node.attribute for t in (a.t, *a.tensors)):
            yield f"gives the operator {name} a tensor larger than its bytes"
        elif node.op_type in _SHAPED_BY_VALUES and not _is_small(node, shapes):
            yield f"lets the operator {name} make a shape that is not known beforehand"
        elif node.op_type.startswith("TreeEnsemble") and not _all_trees_end(node):
            yield f"has a tree in the operator {name} that does not lead from its root downwards"
        elif node.op_type in INTEGERS:
            yield from in_integers(node, tensors)


def _is_allowed(node: Any) -> bool:
    if node.domain == "ai.onnx.ml":
        return node.op_type in _LEARNED
    known = _STANDARD | _SHAPED_BY_VALUES.keys() | INTEGERS
    return node.domain in {"", "ai.onnx"} and node.op_type in known


def _in_scan(node: Any) -> Iterator[str]:
    """Allow a Scan that maps rows to rows, as distances to neighbours need: no round depends on another."""
    body = next((a.g for a in node.attribute if a.name == "body"), None)
    if body is None or len([a for a in node.attribute if _has_graph(a)]) != 1:
        yield "has a Scan without a body"
        return
    sources = {n.output[0]: n.input[0] for n in body.node if n.op_type == "Identity" and n.input and n.output}
    scanned = next((a.i for a in node.attribute if a.name == "num_scan_inputs"), 0)
    states = max(len(body.input) - scanned, 0)
    if any(sources.get(o.name) != i.name for i, o in zip(body.input[:states], body.output[:states], strict=False)):
        yield "has a Scan whose rounds depend on one another"
    for inner in body.node:
        if inner.domain not in {"", "ai.onnx"} or inner.op_type not in _ROW_BY_ROW or _any_graph(inner):
            yield f"uses the operator {_shown(inner.op_type)} within a Scan"


def _has_graph(attribute: Any) -> bool:
    return attribute.HasField("g") or bool(attribute.graphs)


def _any_graph(node: Any) -> bool:
    return any(map(_has_graph, node.attribute))


def _constants(graph: Any) -> dict[str, Any]:
    """Tensors that stand in the graph, by name."""
    tensors = {t.name: t for t in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.output:
            tensors.update((node.output[0], a.t) for a in node.attribute if a.name == "value")
    return tensors


def _constant_shapes(graph: Any) -> dict[str, int]:
    """How many values the shapes ask for that are constants; 0 for one measured on other tensors; -1 for no shape."""
    asked = {name: _asked(tensor) for name, tensor in _constants(graph).items()}
    for node in graph.node:
        parts = node.input if node.op_type == "Concat" else node.input[:1]
        if node.op_type == "Shape" or (node.op_type in _CUTS and all(asked.get(p, -1) >= 0 for p in parts)):
            asked.update(dict.fromkeys(node.output, 0))
    return asked


def _asked(shape: Any) -> int:
    """Number of values of a tensor of this ``shape``; -1 when it is no shape."""
    if shape.data_type != TensorProto.INT64 or len(shape.dims) > 1 or _values(shape) > _MAX_RANK:
        return -1
    extents = _extents(shape)
    return math.prod(extents) if len(extents) == _values(shape) and all(e >= 0 for e in extents) else -1


def _extents(shape: Any) -> list[int]:
    """Values of a tensor of int64, as many as there are, in whichever of the two ways they are held."""
    if not shape.HasField("raw_data"):
        return list(shape.int64_data)
    raw: bytes = shape.raw_data
    return (
        [] if len(raw) % 8 else [int.from_bytes(raw[i : i + 8], "little", signed=True) for i in range(0, len(raw), 8)]
    )


def _is_small(node: Any, shapes: dict[str, int]) -> bool:
    place = _SHAPED_BY_VALUES[node.op_type]
    return len(node.input) > place and 0 <= shapes.get(node.input[place], -1) <= MAX_SHAPE


def _all_trees_end(node: Any) -> bool:
    """Whether every branch leads to a node with a higher number, as all converters write it: then no path is a ring."""
    held = {a.name: a for a in node.attribute}
    if "nodes_modes" not in held:
        return False
    own, true, false = (_integers(held.get(f"nodes_{n}")) for n in ("nodeids", "truenodeids", "falsenodeids"))
    branch = np.array([mode != b"LEAF" for mode in held["nodes_modes"].strings])
    if not len(own) == len(true) == len(false) == len(branch):
        return False
    return bool((true[branch] > own[branch]).all() and (false[branch] > own[branch]).all())


def _integers(attribute: Any) -> npt.NDArray[np.int64]:
    return np.array(attribute.ints if attribute is not None else (), np.int64)


def _values(tensor: Any) -> int:
    """Number of values, exact however large."""
    return math.prod(tensor.dims)


def _shown(name: str) -> str:
    """A name that the model chose, fit to be shown."""
    return ascii(name[:60])
