"""Says how a model may reckon in integers of 8 bits: with scales and zero points that are constants, and sane ones.

What is let in is what post-training quantisation of tables' models writes: ``QuantizeLinear``, ``DequantizeLinear`` and
``MatMulInteger``. ``DynamicQuantizeLinear`` is not: its range is that of a whole batch, so one row would change the
answers to others. Scales that a model computes would let one value of a row blow up all others; they must be constants,
finite and above 0. Sums stay below 2^31, whatever the rows hold.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from secmlops.runtime.onnx_format import TensorProto

MAX_INNER = 1 << 16
"""Largest number of products in a sum: as many of 255 times -128 fit into an int32."""
_BYTES = (TensorProto.INT8, TensorProto.UINT8)


def in_integers(node: Any, constants: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with an operator of integers; ``constants`` are the tensors of the graph by name."""
    yield from _CHECKS[node.op_type](node, constants)


def _linear(node: Any, constants: Mapping[str, Any]) -> Iterator[str]:
    scale, zero = (_constant(node, place, constants) for place in (1, 2))
    given = {a.name: a.i for a in node.attribute}
    if given.get("block_size", 0) or given.get("output_dtype", TensorProto.INT8) not in {0, *_BYTES}:
        yield f"quantises by {node.op_type} in another way than to 8 bits by one scale, or one for each column"
    elif scale is None or scale.data_type != TensorProto.FLOAT or not _are_scales(scale):
        yield f"gives {node.op_type} a scale that is no constant above 0"
    elif len(node.input) > 2 and node.input[2] and not (_is_bytes(zero) and list(zero.dims) == list(scale.dims)):
        yield f"gives {node.op_type} a zero point that is no constant of 8 bits, one for each scale"


def _product(node: Any, constants: Mapping[str, Any]) -> Iterator[str]:
    weights = _constant(node, 1, constants)
    if not _is_bytes(weights) or len(weights.dims) != 2 or weights.dims[0] > MAX_INNER:
        yield f"multiplies by MatMulInteger with no constant matrix of 8 bits and at most {MAX_INNER} rows"
        return
    for place, counts in ((2, {1}), (3, {1, weights.dims[1]})):
        zero = _constant(node, place, constants)
        if len(node.input) > place and node.input[place] and not (_is_bytes(zero) and _count(zero) in counts):
            yield "gives MatMulInteger a zero point that is no constant of 8 bits"


_CHECKS: Mapping[str, Callable[[Any, Mapping[str, Any]], Iterator[str]]] = MappingProxyType(
    {"QuantizeLinear": _linear, "DequantizeLinear": _linear, "MatMulInteger": _product}
)
INTEGERS = frozenset(_CHECKS)
"""Operators that are looked at here."""


def _constant(node: Any, place: int, constants: Mapping[str, Any]) -> Any:
    return constants.get(node.input[place]) if len(node.input) > place else None


def _is_bytes(tensor: Any) -> bool:
    return tensor is not None and tensor.data_type in _BYTES and len(tensor.dims) <= 2


def _are_scales(tensor: Any) -> bool:
    """Whether a tensor holds as many float32 as it says, at least one, all finite and above 0."""
    raw = tensor.raw_data
    if len(tensor.dims) > 1 or len(raw) % 4:
        return False
    values = np.frombuffer(raw, "<f4") if raw else np.array(tensor.float_data, np.float32)
    whole = values.size == _count(tensor) and values.size > 0
    return whole and bool(np.isfinite(values).all() and (values > 0).all())


def _count(tensor: Any) -> int:
    return math.prod(tensor.dims)
