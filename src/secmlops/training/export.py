"""An estimator becomes ONNX with the two inputs and the one output that every model of a project has.

scikit-learn's converter makes a graph with one input per column; a prelude splits ``numeric`` and ``categorical`` into
these columns. Only the standard operator domains are used, names are fixed, and nothing of the moment goes in: the same
estimator gives the same bytes.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import onnx
import onnx.checker
import onnx.compose
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from skl2onnx.common.exceptions import MissingConverter, MissingShapeCalculator
from sklearn.compose import ColumnTransformer

from secmlops.core.errors import InputError
from secmlops.runtime.signature import (
    CATEGORICAL_INPUT,
    NUMERIC_INPUT,
    PREDICTION_OUTPUT,
    PROBABILITIES_OUTPUT,
    Feature,
    Signature,
)
from secmlops.runtime.uncalibrated import UNCALIBRATED
from secmlops.training import boosting
from secmlops.training.advice import Advice
from secmlops.training.recalibration.graph import Tail
from secmlops.training.recalibration.maps import Map
from secmlops.training.recalibration.recalibrated import Recalibrated
from secmlops.training.simplify import simplified
from secmlops.training.thresholds import round_down

OPSETS = {"": 18, "ai.onnx.ml": 3}
STANDARD_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
_PREFIX = "model/"


def export(estimator: Any, signature: Signature) -> bytes:
    """ONNX bytes of a fitted ``estimator`` that took a table of ``signature``'s features.

    Raises InputError for an estimator that has no converter, or whose answer is not what the task asks for.
    """
    if signature.task.is_classification:
        _check_classes(estimator, len(signature.classes))
    maps = estimator.maps if isinstance(estimator, Recalibrated) else ()
    estimator = estimator.estimator if isinstance(estimator, Recalibrated) else estimator
    estimator = getattr(estimator, "best_estimator_", estimator)
    round_down(estimator)
    model = onnx.compose.add_prefix(_convert(estimator, signature), _PREFIX)
    foreign = {o.domain for o in model.opset_import} - STANDARD_DOMAINS
    if foreign:
        raise InputError(
            f"{type(estimator).__name__} needs ONNX operators beyond the standard: {sorted(foreign)}",
            hint=Advice.CONVERTIBLE,
        )
    wrapped = _wrap(model, signature, maps)
    onnx.checker.check_model(wrapped, full_check=True)
    serialized: bytes = wrapped.SerializeToString(deterministic=True)
    return serialized


def _check_classes(estimator: Any, count: int) -> None:
    name = type(estimator).__name__
    if not hasattr(estimator, "predict_proba"):
        raise InputError(f"{name} gives no probabilities", hint=Advice.PROBABILITIES)
    if not np.array_equal(getattr(estimator, "classes_", ()), np.arange(count)):
        raise InputError(f"{name} did not learn the classes 0 to {count - 1}", hint=Advice.CLASSES)


def _convert(estimator: Any, signature: Signature) -> onnx.ModelProto:
    options = {id(estimator): {"zipmap": False}} if signature.task.is_classification else None
    boosting.register()
    try:
        model: onnx.ModelProto = to_onnx(
            estimator, initial_types=_initial_types(estimator, signature), options=options, target_opset=OPSETS
        )
    except (MissingConverter, MissingShapeCalculator, NotImplementedError, RuntimeError, TypeError, NameError) as error:
        first = str(error).strip().partition("\n")[0][:200]
        raise InputError(
            f"{type(estimator).__name__} cannot be converted to ONNX: {first}", hint=Advice.CONVERTIBLE
        ) from None
    return model


def _initial_types(estimator: Any, signature: Signature) -> list[tuple[str, Any]]:
    """Inputs of the converted graph: each column for a ColumnTransformer, else all columns as one matrix."""
    if _has_column_transformer(estimator):
        numeric = [(f.name, FloatTensorType([None, 1])) for f in signature.numeric]
        return numeric + [(f.name, StringTensorType([None, 1])) for f in signature.categorical]
    if signature.numeric and signature.categorical:
        name = type(estimator).__name__
        raise InputError(f"{name} cannot take numbers and texts side by side in ONNX", hint=Advice.CONVERTIBLE)
    kind = FloatTensorType if signature.numeric else StringTensorType
    return [("matrix", kind([None, len(signature.features)]))]


def _has_column_transformer(estimator: Any) -> bool:
    steps = [step for _, step in getattr(estimator, "steps", ())]
    return isinstance(estimator, ColumnTransformer) or any(map(_has_column_transformer, steps))


def _wrap(model: onnx.ModelProto, signature: Signature, maps: Sequence[Map]) -> onnx.ModelProto:
    classifies = signature.task.is_classification
    answer = PROBABILITIES_OUTPUT if classifies else PREDICTION_OUTPUT
    width = len(signature.classes) if classifies else 1
    inner = model.graph.output[1 if classifies else 0].name
    nodes = list(_prelude(signature, [i.name for i in model.graph.input]))
    nodes += model.graph.node
    nodes.append(helper.make_node("Identity", [inner], [UNCALIBRATED if maps else answer], name="answer"))
    tail = Tail.of(maps, answer) if maps else None
    nodes += tail.nodes if tail else ()
    nodes = simplified(nodes, answer)  # the predicted label is nobody's input
    constants = [*model.graph.initializer, *(tail.constants.values() if tail else ())]
    graph = helper.make_graph(
        nodes,
        "model",
        [
            helper.make_tensor_value_info(name, kind, ["n", len(features)])
            for name, kind, features in _groups(signature)
        ],
        [helper.make_tensor_value_info(answer, TensorProto.FLOAT, ["n", width])],
        initializer=[i for i in constants if any(i.name in n.input for n in nodes)],
    )
    opsets = [helper.make_opsetid(o.domain, o.version) for o in sorted(model.opset_import, key=lambda o: o.domain)]
    return helper.make_model(
        graph, opset_imports=opsets, ir_version=model.ir_version, producer_name="secmlops", functions=model.functions
    )


def _groups(signature: Signature) -> Iterable[tuple[str, int, tuple[Feature, ...]]]:
    groups = (
        (NUMERIC_INPUT, TensorProto.FLOAT, signature.numeric),
        (CATEGORICAL_INPUT, TensorProto.STRING, signature.categorical),
    )
    return (g for g in groups if g[2])


def _prelude(signature: Signature, names: list[str]) -> Iterable[onnx.NodeProto]:
    """Nodes that give the converted graph its inputs ``names``: one matrix, or each column, in feature order."""
    for name, _, features in _groups(signature):
        count = 1 if len(names) == 1 else len(features)
        columns, names = names[:count], names[count:]
        if len(columns) == 1:
            yield helper.make_node("Identity", [name], columns, name=f"split {name}")
        else:
            yield helper.make_node("Split", [name], columns, name=f"split {name}", axis=1, num_outputs=len(columns))
