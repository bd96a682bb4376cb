"""What a model made elsewhere takes and gives, read from its graph: inputs, answers, and the names of its classes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from secmlops.core.errors import InputError, VerificationError
from secmlops.runtime.signature import FeatureKind

_NUMBERS = frozenset({onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.INT64, onnx.TensorProto.INT32})
MAX_VALUES = 16_384
"""Largest number of values in a row of an image or a series: each is a column of the table, and a feature."""
_FRACTIONS = frozenset({onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE})


@dataclass(frozen=True, slots=True)
class Taken:
    """One input: its name, its type (a number of ONNX ``TensorProto.DataType``), and its columns; None where unsaid.

    ``shape`` is that of a row of images or series, such as (channels, height, width); empty for a row of columns.
    """

    name: str
    type: int
    width: int | None
    shape: tuple[int, ...] = ()

    @property
    def kind(self) -> FeatureKind:
        """Numbers or texts."""
        return FeatureKind.CATEGORICAL if self.type == onnx.TensorProto.STRING else FeatureKind.NUMERIC


@dataclass(frozen=True, slots=True)
class Given:
    """The tensor that holds the answers: its name, its columns if they are said, and whether it may have to be cast."""

    name: str
    width: int | None
    cast: bool


@dataclass(frozen=True, slots=True)
class Surface:
    """Inputs and answers of a graph; ``classes`` as it names them, none where it does not."""

    inputs: tuple[Taken, ...]
    answers: Given
    classes: tuple[str, ...]


def read_model(model: bytes, where: str) -> Any:
    """Read the ONNX model in these bytes; raises VerificationError when they are none."""
    try:
        return onnx.load_model_from_string(model)
    except DecodeError:
        raise VerificationError("not an ONNX model", where=where) from None


def read_surface(model: Any, where: str) -> Surface:
    """Surface of the model; raises InputError where it cannot be told what goes in or which output is the answer."""
    constants = {t.name for t in model.graph.initializer}
    inputs = tuple(_taken(i, where) for i in model.graph.input if i.name not in constants)
    if not inputs:
        raise InputError("the model takes no input", where=where)
    return Surface(inputs, _answers(model.graph, where), tuple(_classes(model.graph.node)))


def _taken(value: Any, where: str) -> Taken:
    tensor = value.type.tensor_type
    sizes = tensor.shape.dim
    shape = tuple(_size(size) for size in sizes[1:])
    of_images = len(shape) > 1 and tensor.elem_type in _NUMBERS and None not in shape
    if tensor.elem_type not in {*_NUMBERS, onnx.TensorProto.STRING} or not (len(shape) == 1 or of_images):
        what = f"the input {value.name[:60]!a} is no table of numbers or texts"
        hint = "inputs have the shape [rows, columns], or [rows, channels, height, width] with sizes that are known"
        raise InputError(what, where=where, hint=hint)
    if sizes[0].HasField("dim_value") and sizes[0].dim_value != 1 and sizes[0].dim_value > 0:
        hint = "export the model with a free number of rows"
        raise InputError(f"the input {value.name[:60]!a} takes {sizes[0].dim_value} rows only", where=where, hint=hint)
    if of_images:
        known = tuple(size for size in shape if size is not None)
        if prod(known) > MAX_VALUES:
            what = f"the input {value.name[:60]!a} takes {prod(known):,} numbers a row, more than {MAX_VALUES:,}"
            raise InputError(what, where=where, hint="the table has a column for each: scale the images down")
        return Taken(value.name, tensor.elem_type, prod(known), known)
    return Taken(value.name, tensor.elem_type, shape[0])


def _answers(graph: Any, where: str) -> Given:
    """Return the scores: what a ZipMap wraps, an output named after probabilities, or the only output of fractions."""
    made = {name: node for node in graph.node for name in node.output}
    for output in graph.output:
        node = made.get(output.name)
        if node is not None and node.op_type == "ZipMap":
            return Given(node.input[0], None, cast=True)
    fractions = [o for o in graph.output if o.type.tensor_type.elem_type in _FRACTIONS]
    named = [o for o in fractions if "prob" in o.name.lower()] or fractions
    if len(named) != 1:
        shown = ", ".join(f"{o.name[:40]!a}" for o in graph.output)
        hint = "export the model with one output of scores: probabilities of each class, or a prediction"
        raise InputError(f"which output holds the answers cannot be told: {shown}", where=where, hint=hint)
    tensor = named[0].type.tensor_type
    sizes = tensor.shape.dim
    width = _size(sizes[1]) if len(sizes) == 2 else (1 if len(sizes) == 1 else None)
    return Given(named[0].name, width, tensor.elem_type != onnx.TensorProto.FLOAT)


def _size(dimension: Any) -> int | None:
    return int(dimension.dim_value) if dimension.HasField("dim_value") and dimension.dim_value > 0 else None


def _classes(nodes: Sequence[Any]) -> Iterator[str]:
    """Yield the names of the classes in the order of the scores, as the last operator that knows them has them."""
    for node in reversed(nodes):
        held: Mapping[str, Any] = {a.name: a for a in node.attribute}
        for name in ("classlabels_strings", "classlabels_int64s", "classlabels_ints"):
            if name in held:
                texts = [text.decode() for text in held[name].strings] or [str(number) for number in held[name].ints]
                yield from texts
                return
