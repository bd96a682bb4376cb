"""Reads an ONNX model whose operators all have a derivative here, and hands slopes of its answers back to its numbers.

Reverse accumulation over the graph (Griewank and Walther, "Evaluating Derivatives", 2008). What was read has to answer
as the model does on rows that are given; what does not is not used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import onnx

from secmlops.runtime.gradient.columns import COLUMNS
from secmlops.runtime.gradient.images import IMAGES
from secmlops.runtime.gradient.operators import ARITHMETIC, Array, Call, Operator, UnderivableError
from secmlops.runtime.gradient.shapes import SHAPES
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import (
    CATEGORICAL_INPUT,
    NUMERIC_INPUT,
    PREDICTION_OUTPUT,
    PROBABILITIES_OUTPUT,
    Inputs,
)

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-4
"""How far a reading may be from the model's answers, relative to their size: what float32 rounds off, and no more."""

_OPERATORS: Mapping[str, Operator] = {**ARITHMETIC, **COLUMNS, **IMAGES, **SHAPES}
_MOST_VALUES = 1 << 25
"""Numbers between the operators that are held at once, 256 MiB of them: more rows are taken in turns."""


@dataclass(frozen=True, slots=True)
class _Node:
    """One operator of the graph, and the names of what goes in and comes out."""

    operator: Operator
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


class Slope:
    """A model read for its derivative. ``outputs`` and ``gradient`` take numbers in float32 and reckon in float64."""

    def __init__(self, nodes: tuple[_Node, ...], constants: Mapping[str, Array], answer: str) -> None:
        self._nodes, self._constants, self._answer = nodes, constants, answer
        self._at_once = 0

    @classmethod
    def of(cls, model: bytes, predictor: Predictor, rows: Inputs) -> "Slope | str":
        """Slope of the ``model`` that ``predictor`` runs, which is held to its answers on ``rows``; or why not."""
        try:
            slope = cls._read(model, predictor)
            apart = np.abs(slope.outputs(rows) - predictor.predict(rows))
        except UnderivableError as error:
            return f"no gradient: {error}"
        if not (apart <= TOLERANCE * np.maximum(1.0, np.abs(predictor.predict(rows)))).all():
            return "no gradient: the model was read, but does not answer as it was read"
        return slope

    def outputs(self, inputs: Inputs) -> Floats:
        """Answers float64 [n, k]."""
        parts: list[Floats] = [self._forward(part)[0][self._answer] for part in self._turns(inputs)]
        return np.concatenate(parts)

    def gradient(self, inputs: Inputs, pull: Callable[[Floats], Floats]) -> Floats:
        """Derivative float64 [n, p] by the numbers of what ``pull`` makes larger.

        ``pull`` takes the answers [n, k] and gives the derivative of a quantity of each row by them [n, k].
        """
        turns = self._turns(inputs)
        if len(turns) == 1:
            values, calls = self._forward(inputs)
            return self._backward(calls, pull(values[self._answer]), inputs)
        pulled = np.split(pull(self.outputs(inputs)), np.cumsum([len(part) for part in turns])[:-1])
        parts = [self._backward(self._forward(p)[1], by, p) for p, by in zip(turns, pulled, strict=True)]
        return np.concatenate(parts)

    def _turns(self, inputs: Inputs) -> list[Inputs]:
        """Rows in parts that are small enough to be held with all that is made of them."""
        if not self._at_once:
            calls = self._forward(inputs.take(slice(0, 1)))[1]
            self._at_once = max(1, _MOST_VALUES // max(1, sum(made.size for call in calls for made in call.outputs)))
        begins = range(0, max(1, len(inputs)), self._at_once)
        return [inputs.take(slice(begin, begin + self._at_once)) for begin in begins]

    def _backward(self, calls: list[Call], pulled: Floats, inputs: Inputs) -> Floats:
        slopes: dict[str, Array] = {self._answer: pulled}
        for node, call in zip(reversed(self._nodes), reversed(calls), strict=True):
            if not any(name in slopes for name in node.outputs):
                continue
            given = [slopes[n] if n in slopes else _zeros(o) for n, o in zip(node.outputs, call.outputs, strict=False)]
            for name, back in zip(node.inputs, node.operator.backward(call, given), strict=False):
                if back is not None and name not in self._constants:
                    slopes[name] = slopes[name] + back if name in slopes else back
        found: Floats = slopes.get(NUMERIC_INPUT, np.zeros(inputs.numeric.shape))
        return found

    def _forward(self, inputs: Inputs) -> tuple[dict[str, Array], list[Call]]:
        values: dict[str, Array] = dict(self._constants)
        values[NUMERIC_INPUT] = inputs.numeric.astype(np.float64)
        values[CATEGORICAL_INPUT] = inputs.categorical
        values[""] = np.empty(0)  # an optional input that is left out
        calls = []
        for node in self._nodes:
            given = [values[name] for name in node.inputs]
            made = node.operator.forward(given, node.attributes)
            values.update(zip(node.outputs, made, strict=False))
            calls.append(Call(given, made, node.attributes))
        return values, calls

    @classmethod
    def _read(cls, model: bytes, predictor: Predictor) -> Self:
        graph = onnx.load_model_from_string(model).graph
        classifies = predictor.signature.task.is_classification
        answer = PROBABILITIES_OUTPUT if classifies else PREDICTION_OUTPUT
        constants = {t.name: _number(onnx.numpy_helper.to_array(t)) for t in graph.initializer}
        nodes: list[_Node] = []
        needed = {answer}
        for node in reversed(graph.node):
            if not needed & set(node.output):
                continue
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Constant" and "value" in attributes:
                constants[node.output[0]] = _number(onnx.numpy_helper.to_array(attributes["value"]))
                continue
            if node.op_type not in _OPERATORS:
                raise UnderivableError(f"the model uses {node.op_type[:40]!a}")
            attributes["outputs"] = len(node.output)
            nodes.insert(0, _Node(_OPERATORS[node.op_type], tuple(node.input), tuple(node.output), attributes))
            needed |= set(node.input) - {""}
        return cls(tuple(nodes), constants, answer)


def _number(constant: Array) -> Array:
    return constant.astype(np.float64) if constant.dtype.kind == "f" else constant


def _zeros(output: Array) -> Array:
    return np.zeros(output.shape)
