"""Gives a model made elsewhere the inputs and the output of a project's model, by operators put around its graph."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import onnx
from onnx import TensorProto, helper

from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.adoption.surface import Surface, Taken
from secmlops.runtime.signature import (
    CATEGORICAL_INPUT,
    NUMERIC_INPUT,
    PREDICTION_OUTPUT,
    PROBABILITIES_OUTPUT,
    Feature,
    FeatureKind,
    Signature,
)

_UNWORDED = re.compile(r"\W")


class Scores(StrEnum):
    """What the answers of the model are taken for."""

    PROBABILITIES = "probabilities"
    LOG_ODDS = "log-odds"


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a table beside the label, in its order, each with its kind, and what they belong to, for messages."""

    kinds: Mapping[str, FeatureKind]
    where: str

    def called(self, name: str) -> str | None:
        """Column that a model's input of this name takes: converters write an underscore for what is no word."""
        if name in self.kinds:
            return name
        like = [column for column in self.kinds if _UNWORDED.sub("_", column) == name]
        return like[0] if len(like) == 1 else None

    def of(self, kind: FeatureKind) -> list[str]:
        """Names of the columns of a kind."""
        return [name for name, own in self.kinds.items() if own is kind]


def signature_of(surface: Surface, columns: Columns, task: Task, labels: Sequence[str]) -> Signature:
    """Signature guessed from the graph and a table; ``labels`` are the classes that the table shows.

    Raises InputError where the two do not fit together.
    """
    names = _names(surface, columns)
    features = tuple(Feature(name=name, kind=kind) for name, kind in names.items())
    if not task.is_classification:
        if surface.answers.width not in {1, None}:
            what = f"the model gives {surface.answers.width} answers, the label is a quantity"
            raise InputError(what, where=columns.where, hint="name another column with --label")
        return Signature(task=task, features=features)
    classes = surface.classes or tuple(labels)
    if unknown := sorted(set(labels) - set(classes)):
        shown = ", ".join(classes[:10])
        raise InputError(f"the table has {counted(len(unknown), 'class', 'classes')} that the model does not know",
                         where=columns.where, hint=f"the model's classes: {shown}")  # fmt: skip
    width = surface.answers.width
    if width is not None and width != len(classes) and not (width == 1 and len(classes) == 2):
        what = f"the model gives {counted(width, 'score')}, the label has {counted(len(classes), 'class', 'classes')}"
        raise InputError(what, where=columns.where, hint="is the label of this table the one that the model predicts?")
    task = Task.BINARY if len(classes) == 2 else Task.MULTICLASS
    return Signature(task=task, features=features, classes=classes)


def adopted(model: Any, surface: Surface, signature: Signature, scores: Scores) -> bytes:
    """Model with the inputs of the ``signature`` and its output; ``scores`` says what is made of its answers."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    kept = [_renamed(node) for node in graph.node if node.op_type != "ZipMap"]
    for tensor in graph.initializer:
        tensor.name = _own(tensor.name)
    front, constants = _front(surface, signature)
    back, output = _back(surface, signature, scores)
    del graph.node[:], graph.output[:], graph.input[:]
    graph.node.extend([*front, *kept, *back])
    graph.initializer.extend(constants)
    widths = {NUMERIC_INPUT: len(signature.numeric), CATEGORICAL_INPUT: len(signature.categorical)}
    types = {NUMERIC_INPUT: TensorProto.FLOAT, CATEGORICAL_INPUT: TensorProto.STRING}
    graph.input.extend(
        helper.make_tensor_value_info(name, types[name], [None, width]) for name, width in widths.items() if width
    )
    width = len(signature.classes) or 1
    graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, [None, width]))
    del graph.value_info[:]
    bytes_of: bytes = made.SerializeToString()
    return bytes_of


def _own(name: str) -> str:
    """Name of a tensor of the model itself, which no name of ours can meet."""
    return f"own.{name}" if name else ""


def _renamed(node: Any) -> Any:
    node.input[:] = [_own(name) for name in node.input]
    node.output[:] = [_own(name) for name in node.output]
    return node


def _names(surface: Surface, columns: Columns) -> dict[str, FeatureKind]:
    """Features of the model by the names of the table's columns, in the order in which the model takes them."""
    inputs = surface.inputs
    named = {taken.name: columns.called(taken.name) for taken in inputs}
    found = {name: column for name, column in named.items() if column is not None}
    if len(inputs) > 1 and len(found) == len(inputs):
        for taken in inputs:
            if taken.width not in {1, None} or taken.kind is not columns.kinds[found[taken.name]]:
                what = f"the model takes {taken.name!r} as {taken.width or 1} {taken.kind}, the table has another kind"
                raise InputError(what, where=columns.where)
        return {found[taken.name]: taken.kind for taken in inputs}
    kinds = [taken.kind for taken in inputs]
    if len(set(kinds)) != len(kinds):
        missing = ", ".join(repr(t.name) for t in inputs if t.name not in found)
        raise InputError(f"the table has no column for the model's inputs: {missing}", where=columns.where)
    for taken in inputs:
        _check_width(taken, columns)
    if left := [name for name, kind in columns.kinds.items() if kind not in kinds]:
        what = f"the model takes {kinds[0]} columns only, {left[0]!r} is of another kind"
        raise InputError(what, where=columns.where, hint="leave columns out with --without")
    return dict(columns.kinds)


def _check_width(taken: Taken, columns: Columns) -> None:
    there = columns.of(taken.kind)
    if taken.width is not None and taken.width != len(there):
        what = f"the model takes {counted(taken.width, f'{taken.kind} column')}, the table has {len(there)}"
        raise InputError(
            what, where=columns.where, hint="name the label with --label, leave columns out with --without"
        )


def _front(surface: Surface, signature: Signature) -> tuple[list[Any], list[Any]]:
    """Operators that make the model's own inputs of ``numeric`` and ``categorical``, and their constants."""
    nodes, constants = [], []
    places = {FeatureKind.NUMERIC: 0, FeatureKind.CATEGORICAL: 0}
    single = [taken for taken in surface.inputs if taken.width in {1, None}]
    whole = len(surface.inputs) != len(signature.features) or len(single) != len(surface.inputs)
    for number, taken in enumerate(surface.inputs):
        source = NUMERIC_INPUT if taken.kind is FeatureKind.NUMERIC else CATEGORICAL_INPUT
        if not whole:
            place = helper.make_tensor(f"adopted.place.{number}", TensorProto.INT64, [1], [places[taken.kind]])
            constants.append(place)
            nodes.append(helper.make_node("Gather", [source, place.name], [f"adopted.{number}"], axis=1))
            source, places[taken.kind] = f"adopted.{number}", places[taken.kind] + 1
        if taken.shape:
            shape = helper.make_tensor(
                f"adopted.shape.{number}", TensorProto.INT64, [len(taken.shape) + 1], [-1, *taken.shape]
            )
            constants.append(shape)
            nodes.append(helper.make_node("Reshape", [source, shape.name], [f"adopted.images.{number}"]))
            source = f"adopted.images.{number}"
        if taken.type in {TensorProto.FLOAT, TensorProto.STRING}:
            nodes.append(helper.make_node("Identity", [source], [_own(taken.name)]))
        else:
            nodes.append(helper.make_node("Cast", [source], [_own(taken.name)], to=taken.type))
    return nodes, constants


def _back(surface: Surface, signature: Signature, scores: Scores) -> tuple[list[Any], str]:
    """Operators that make probabilities of each class, or a prediction [rows, 1], of the model's answers."""
    nodes: list[Any] = []
    name = _own(surface.answers.name)
    output = PROBABILITIES_OUTPUT if signature.classes else PREDICTION_OUTPUT

    def put(operator: str, *inputs: str, **attributes: Any) -> str:
        made = f"adopted.answer.{len(nodes)}"
        nodes.append(helper.make_node(operator, list(inputs), [made], **attributes))
        return made

    if surface.answers.cast:
        name = put("Cast", name, to=TensorProto.FLOAT)
    if signature.classes and surface.answers.width == 1:
        event = put("Sigmoid", name) if scores is Scores.LOG_ODDS else name
        one = helper.make_tensor("one", TensorProto.FLOAT, [1, 1], [1.0])
        rest = put("Sub", put("Constant", value=one), event)
        name = put("Concat", rest, event, axis=1)
    elif signature.classes and scores is Scores.LOG_ODDS:
        name = put("Softmax", name, axis=1)
    nodes.append(helper.make_node("Identity", [name], [output]))
    return nodes, output
