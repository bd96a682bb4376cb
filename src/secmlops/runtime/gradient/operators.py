"""Operators with a derivative: each computes its outputs, and hands a slope by its outputs back to its inputs.

All in float64: the probabilities of a sure model differ from 1 by less than float32 tells, and so would their slopes.
Definitions: ONNX operator schemas, default domain and ``ai.onnx.ml``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Attributes: TypeAlias = Mapping[str, Any]


class UnderivableError(Exception):
    """The graph has a part whose derivative is not known here; it never leaves the room."""


@dataclass(frozen=True, slots=True)
class Call:
    """One use of an operator on a batch: what went in, what came out, and its attributes."""

    inputs: Sequence[Array]
    outputs: Sequence[Array]
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Operator:
    """``forward`` makes the outputs; ``backward`` takes the slope by the first output (by each, of a ``Split``)."""

    forward: Callable[[Sequence[Array], Attributes], list[Array]]
    backward: Callable[[Call, Sequence[Array]], list[Array | None]]


def _elementwise(function: Callable[[Array], Array], slope: Callable[[Array, Array], Array]) -> Operator:
    """Operator of one input; ``slope`` is a function of what went in and what came out."""
    return Operator(
        lambda inputs, _: [function(inputs[0])],
        lambda call, slopes: [slopes[0] * slope(call.inputs[0], call.outputs[0])],
    )


def _of_two(function: Callable[[Array, Array], Array], slopes: Callable[[Array, Array], tuple[Any, Any]]) -> Operator:
    """Operator of two inputs that are broadcast; ``slopes`` are its derivatives by both."""

    def backward(call: Call, given: Sequence[Array]) -> list[Array | None]:
        left, right = call.inputs
        by_left, by_right = slopes(left, right)
        return [_fitted(given[0] * by_left, left), _fitted(given[0] * by_right, right)]

    return Operator(lambda inputs, _: [function(*inputs)], backward)


def _fitted(slope: Array, operand: Array) -> Array:
    """Slope of an operand: summed over what it was broadcast to."""
    missing = slope.ndim - operand.ndim
    summed = slope.sum(axis=tuple(range(missing))) if missing else slope
    stretched = tuple(axis for axis, size in enumerate(operand.shape) if size == 1 and summed.shape[axis] > 1)
    kept: Array = summed.sum(axis=stretched, keepdims=True) if stretched else summed
    return kept


def _sigmoid(values: Array) -> Array:
    halved: Array = 0.5 * (1 + np.tanh(0.5 * values))
    return halved


def _softmax(values: Array) -> Array:
    weights = np.exp(values - values.max(axis=-1, keepdims=True))
    shares: Array = weights / weights.sum(axis=-1, keepdims=True)
    return shares


def _softmax_rows(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    if attributes.get("axis", -1) not in {-1, inputs[0].ndim - 1}:
        raise UnderivableError("Softmax along another axis than that of the classes")
    return [_softmax(inputs[0])]


def _softmax_back(outputs: Array, slope: Array) -> Array:
    back: Array = outputs * (slope - (outputs * slope).sum(axis=-1, keepdims=True))
    return back


def _gemm_parts(inputs: Sequence[Array], attributes: Attributes) -> tuple[Array, Array]:
    if attributes.get("transA", 0):
        raise UnderivableError("Gemm of turned rows")
    weights = inputs[1].T if attributes.get("transB", 0) else inputs[1]
    return inputs[0], attributes.get("alpha", 1.0) * weights


def _gemm(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    rows, weights = _gemm_parts(inputs, attributes)
    bias = attributes.get("beta", 1.0) * inputs[2] if len(inputs) > 2 else 0.0
    return [rows @ weights + bias]


def _gemm_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    return [slopes[0] @ _gemm_parts(call.inputs, call.attributes)[1].T, *[None] * (len(call.inputs) - 1)]


def _linear(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    """LinearClassifier and LinearRegressor, with what comes after the sums; the label of the first is left out."""
    sums = inputs[0] @ _coefficients(inputs, attributes) + np.array(attributes.get("intercepts", [0.0]))
    after = attributes.get("post_transform", b"NONE")
    if "classlabels_ints" not in attributes and "classlabels_strings" not in attributes:
        return [sums]
    if sums.shape[1] == 1 or after not in _AFTER:
        raise UnderivableError("a linear classifier of a form that is not known")
    return [np.empty(0), _AFTER[after][0](sums)]


def _linear_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    weights = _coefficients(call.inputs, call.attributes)
    if len(call.outputs) == 1:
        return [slopes[0] @ weights.T]
    after = call.attributes.get("post_transform", b"NONE")
    return [_AFTER[after][1](call.outputs[1], slopes[1]) @ weights.T]


def _coefficients(inputs: Sequence[Array], attributes: Attributes) -> Array:
    if attributes.get("post_transform", b"NONE") not in _AFTER:
        raise UnderivableError("sums that are transformed in a way that is not known")
    return np.array(attributes["coefficients"], np.float64).reshape(-1, inputs[0].shape[1]).T


def _normalizer(inputs: Sequence[Array], attributes: Attributes) -> list[Array]:
    if attributes.get("norm") != b"L1":
        raise UnderivableError("Normalizer of another norm than L1")
    return [inputs[0] / np.maximum(np.abs(inputs[0]).sum(axis=1, keepdims=True), 1e-300)]


def _normalizer_back(call: Call, slopes: Sequence[Array]) -> list[Array | None]:
    values, shares = call.inputs[0], call.outputs[0]
    total = np.maximum(np.abs(values).sum(axis=1, keepdims=True), 1e-300)
    return [(slopes[0] - np.sign(values) * (slopes[0] * shares).sum(axis=1, keepdims=True)) / total]


_AFTER: Mapping[bytes, tuple[Callable[[Array], Array], Callable[[Array, Array], Array]]] = MappingProxyType(
    {
        b"NONE": (lambda sums: sums, lambda _, slope: slope),
        b"LOGISTIC": (_sigmoid, lambda outputs, slope: slope * outputs * (1 - outputs)),
        b"SOFTMAX": (_softmax, _softmax_back),
    }
)

ARITHMETIC: Mapping[str, Operator] = MappingProxyType(
    {
        "Add": _of_two(np.add, lambda _, __: (1.0, 1.0)),
        "Sub": _of_two(np.subtract, lambda _, __: (1.0, -1.0)),
        "Mul": _of_two(np.multiply, lambda left, right: (right, left)),
        "Div": _of_two(np.divide, lambda left, right: (1 / right, -left / right**2)),
        "Neg": _elementwise(np.negative, lambda given, _: -np.ones_like(given)),
        "Relu": _elementwise(lambda values: np.maximum(values, 0.0), lambda _, out: (out > 0).astype(np.float64)),
        "Sigmoid": _elementwise(_sigmoid, lambda _, out: out * (1 - out)),
        "Tanh": _elementwise(np.tanh, lambda _, out: 1 - out**2),
        "Softmax": Operator(
            _softmax_rows,
            lambda call, slopes: [_softmax_back(call.outputs[0], slopes[0])],
        ),
        "Gemm": Operator(_gemm, _gemm_back),
        "MatMul": Operator(
            lambda inputs, _: [inputs[0] @ inputs[1]], lambda call, slopes: [slopes[0] @ call.inputs[1].T, None]
        ),
        "LinearClassifier": Operator(_linear, _linear_back),
        "LinearRegressor": Operator(_linear, _linear_back),
        "Normalizer": Operator(_normalizer, _normalizer_back),
    }
)
