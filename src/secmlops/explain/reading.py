"""Reads an ONNX model as preparation and a head: what its columns are, and the linear or tree part that takes them.

Only what can be read with certainty is read. Whoever builds on a reading compares its answers with the model's first;
everything that is not recognised is explained by sampling.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import onnx

from secmlops.explain.columns import Category, Column, Number
from secmlops.runtime.signature import CATEGORICAL_INPUT, NUMERIC_INPUT, Signature


@dataclass(frozen=True, slots=True)
class Text:
    """A categorical feature as it came: no number yet."""

    feature: int


Symbol: TypeAlias = Column | Text
Columns: TypeAlias = tuple[Symbol, ...]
Attributes: TypeAlias = Mapping[str, Any]


class UnreadableError(Exception):
    """The model has a part that this reader does not know; it never leaves the room."""


@dataclass(frozen=True, slots=True)
class Head:
    """The operator that takes the ``columns`` and answers, with its attributes."""

    operator: str
    attributes: Attributes
    columns: tuple[Column, ...]


def read_head(model: bytes, signature: Signature) -> Head:
    """Head of a model and the columns it takes; raises UnreadableError when the model is built in any other way."""
    graph = onnx.load_model_from_string(model).graph
    known: dict[str, Columns] = {
        NUMERIC_INPUT: tuple(Number(i) for i in range(len(signature.numeric))),
        CATEGORICAL_INPUT: tuple(Text(i) for i in range(len(signature.categorical))),
    }
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    nodes = list(graph.node)
    for place, node in enumerate(nodes):
        if node.op_type in _HEADS:
            _check_tail(node, nodes[place + 1 :], graph.output[0].name)
            return Head(node.op_type, _attributes(node), _numbers(known.get(node.input[0], ())))
        _step(node, known, constants)
    raise UnreadableError("the model has no linear or tree part")


def _step(node: Any, known: dict[str, Columns], constants: Mapping[str, Any]) -> None:
    """Take in what one operator of the preparation makes."""
    handler = _PREPARATION.get(node.op_type)
    inputs = [known[name] for name in node.input if name in known]
    if handler is None or not inputs:
        raise UnreadableError(f"the preparation uses {node.op_type}")
    arguments = [constants[name] for name in node.input if name in constants]
    if len(inputs) + len(arguments) != len(node.input):
        raise UnreadableError(f"{node.op_type} takes something that is not known")
    made = handler(inputs, _attributes(node) | {"arguments": arguments, "outputs": len(node.output)})
    known.update(zip(node.output, made, strict=True))


def _attributes(node: Any) -> dict[str, Any]:
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def _numbers(columns: Columns) -> tuple[Column, ...]:
    if not columns or any(isinstance(c, Text) for c in columns):
        raise UnreadableError("the linear or tree part takes something else than the prepared columns")
    return tuple(c for c in columns if not isinstance(c, Text))


def _check_tail(head: Any, rest: Sequence[Any], answer: str) -> None:
    """Raise UnreadableError unless what follows the head only hands its answer on, or makes it sum to 1."""
    name = head.output[-1]
    for node in rest:
        if node.op_type not in {"Identity", "Normalizer", "Cast"} or list(node.input) != [name]:
            raise UnreadableError(f"{node.op_type} follows the linear or tree part")
        name = node.output[0]
    if name != answer:
        raise UnreadableError("the answer does not come from the linear or tree part")


def _same(inputs: Sequence[Columns], _: Attributes) -> list[Columns]:
    return [inputs[0]]


def _cast(inputs: Sequence[Columns], attributes: Attributes) -> list[Columns]:
    if attributes["to"] not in {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE} or _has_text(inputs[0]):
        raise UnreadableError("Cast to something else than a number")
    return [inputs[0]]


def _split(inputs: Sequence[Columns], attributes: Attributes) -> list[Columns]:
    (columns,), count = inputs, attributes["outputs"]
    sizes = [len(columns) // count] * count
    if attributes["arguments"]:
        sizes = [int(size) for size in attributes["arguments"][0]]
    if attributes.get("axis", 0) not in {1, -1} or sum(sizes) != len(columns) or len(sizes) != count:
        raise UnreadableError("Split along another axis or into uneven parts")
    ends = np.cumsum(sizes)
    return [columns[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def _concat(inputs: Sequence[Columns], attributes: Attributes) -> list[Columns]:
    if attributes.get("axis") not in {1, -1} or attributes["arguments"]:
        raise UnreadableError("Concat along another axis")
    return [tuple(column for columns in inputs for column in columns)]


def _reshape(inputs: Sequence[Columns], attributes: Attributes) -> list[Columns]:
    shape = [int(size) for size in attributes["arguments"][0]] if attributes["arguments"] else []
    if shape not in ([-1, len(inputs[0])], [0, -1], [0, len(inputs[0])]):
        raise UnreadableError("Reshape into something else than rows of the same columns")
    return [inputs[0]]


def _pick(inputs: Sequence[Columns], attributes: Attributes) -> list[Columns]:
    (columns,) = inputs
    places = [int(i) for i in np.ravel(attributes["arguments"][0])] if attributes["arguments"] else []
    if attributes.get("axis", 1) != 1 or not places or not all(0 <= i < len(columns) for i in places):
        raise UnreadableError("columns picked in a way that is not known")
    return [tuple(columns[i] for i in places)]


def _imputer(inputs: Sequence[Columns], attributes: Attributes) -> list[Columns]:
    (columns,) = inputs
    fills = _each(attributes.get("imputed_value_floats", ()), len(columns))
    if not np.isnan(attributes.get("replaced_value_float", 0.0)):
        raise UnreadableError("Imputer of something else than missing values")
    return [tuple(_filled(c, fill) for c, fill in zip(columns, fills, strict=True))]


def _filled(column: Symbol, fill: float) -> Symbol:
    if not isinstance(column, Number) or column.fill is not None or (column.offset, column.factor) != (0, 1):
        raise UnreadableError("Imputer of columns that are prepared already")
    return Number(column.feature, fill)


def _scaler(inputs: Sequence[Columns], attributes: Attributes) -> list[Columns]:
    (columns,) = inputs
    offsets = _each(attributes.get("offset", ()), len(columns))
    factors = _each(attributes.get("scale", ()), len(columns))
    return [tuple(_scaled(c, o, f) for c, o, f in zip(columns, offsets, factors, strict=True))]


def _scaled(column: Symbol, offset: float, factor: float) -> Symbol:
    if not isinstance(column, Number) or (column.offset, column.factor) != (0, 1):
        raise UnreadableError("Scaler of columns that are scaled already")
    return Number(column.feature, column.fill, offset, factor)


def _one_hot(inputs: Sequence[Columns], attributes: Attributes) -> list[Columns]:
    texts = [text.decode() for text in attributes.get("cats_strings", ())]
    if not texts or not attributes.get("zeros", 1):
        raise UnreadableError("OneHotEncoder of numbers, or one that refuses unknown categories")
    return [tuple(Category(_text(c).feature, {text: 1.0}) for c in inputs[0] for text in texts)]


def _label(inputs: Sequence[Columns], attributes: Attributes) -> list[Columns]:
    keys = [text.decode() for text in attributes.get("keys_strings", ())]
    numbers, other = attributes.get("values_floats"), attributes.get("default_float", 0.0)
    if numbers is None:
        numbers, other = attributes.get("values_int64s"), attributes.get("default_int64", -1)
    if not keys or numbers is None or not np.isfinite([*numbers, other]).all():
        raise UnreadableError("LabelEncoder from or to something that is not known")
    book = {key: float(number) for key, number in zip(keys, numbers, strict=True)}
    return [tuple(Category(_text(c).feature, book, float(other)) for c in inputs[0])]


def _text(column: Symbol) -> Text:
    if not isinstance(column, Text):
        raise UnreadableError("categories made of numbers")
    return column


def _has_text(columns: Columns) -> bool:
    return any(isinstance(c, Text) for c in columns)


def _each(values: Sequence[float], count: int) -> list[float]:
    """One value for each column; raises UnreadableError for another number of values, or one that is not finite."""
    spread = [float(v) for v in values] * (count if len(values) == 1 else 1)
    if len(spread) != count or not np.isfinite(spread).all():
        raise UnreadableError("another number of values than columns")
    return spread


_HEADS = frozenset({"LinearClassifier", "LinearRegressor", "TreeEnsembleClassifier", "TreeEnsembleRegressor"})
_PREPARATION: Mapping[str, Callable[[Sequence[Columns], Attributes], list[Columns]]] = MappingProxyType(
    {
        "ArrayFeatureExtractor": _pick,
        "Cast": _cast,
        "Concat": _concat,
        "Gather": _pick,
        "Identity": _same,
        "Imputer": _imputer,
        "LabelEncoder": _label,
        "OneHotEncoder": _one_hot,
        "Reshape": _reshape,
        "Scaler": _scaler,
        "Split": _split,
    }
)
