"""Between the protocol's tensors and the model: tensors checked and read into inputs, scores written as tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, NoneType
from typing import Any

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.runtime.signature import (
    MISSING_CATEGORY,
    PREDICTION_OUTPUT,
    PROBABILITIES_OUTPUT,
    Feature,
    FeatureKind,
    Inputs,
    Signature,
)
from secmlops.serving.oip import LABEL_OUTPUT, Datatype, RequestTensor, ResponseTensor, datatype_of, read_request

MAX_ROWS = 4096
_MAX_NESTING = 8
_FLOAT32 = float(np.finfo(np.float32).max)
_RANGES: Mapping[Datatype, tuple[float, float]] = MappingProxyType(
    {
        Datatype.UINT8: (0, 2**8 - 1),
        Datatype.UINT16: (0, 2**16 - 1),
        Datatype.UINT32: (0, 2**32 - 1),
        Datatype.UINT64: (0, 2**64 - 1),
        Datatype.INT8: (-(2**7), 2**7 - 1),
        Datatype.INT16: (-(2**15), 2**15 - 1),
        Datatype.INT32: (-(2**31), 2**31 - 1),
        Datatype.INT64: (-(2**63), 2**63 - 1),
        Datatype.FP16: (-65504.0, 65504.0),
        Datatype.FP32: (-_FLOAT32, _FLOAT32),
        Datatype.FP64: (-_FLOAT32, _FLOAT32),  # models compute in float32: beyond it a number would become infinite
    }
)
_FLOATS = frozenset({Datatype.FP16, Datatype.FP32, Datatype.FP64})
_KINDS: Mapping[Datatype, frozenset[type]] = MappingProxyType(
    {
        **dict.fromkeys(_RANGES, frozenset({int, NoneType})),
        **dict.fromkeys(_FLOATS, frozenset({int, float, NoneType})),
        Datatype.BOOL: frozenset({bool, NoneType}),
        Datatype.BYTES: frozenset({str, NoneType}),
    }
)
_JSON_NAMES: Mapping[type, str] = MappingProxyType(
    {bool: "boolean", int: "integer", float: "fraction", str: "text", dict: "object", list: "list"}
)


@dataclass(frozen=True, slots=True)
class Question:
    """What a caller asks: the model's inputs, the names of the outputs that are wanted, and the caller's own id."""

    inputs: Inputs
    outputs: tuple[str, ...]
    id: str | None


def read_question(body: bytes, signature: Signature) -> Question:
    """Question in the JSON body of a request.

    Null stands for a missing value in every feature. Raises InputError, which names the feature and quotes no value:
    for a missing, unknown or doubled feature, for another shape than [n] or [n, 1] with n from 1 to ``MAX_ROWS``, and
    for values that are not of the data type.
    """
    request = read_request(body)
    known = _output_names(signature)
    wanted = tuple(output.name for output in request.outputs) or known
    unknown = next((name for name in wanted if name not in known), None)
    if unknown is not None:
        raise InputError(
            f"the model has no output {unknown[:80]!r}", where="outputs", hint=f"it has {', '.join(known)}"
        )
    return Question(inputs_of(request.inputs, signature), wanted, request.id)


def inputs_of(tensors: Sequence[RequestTensor], signature: Signature) -> Inputs:
    """Model inputs of one tensor for each feature; raises InputError as ``read_question`` does."""
    features = {f.name: f for f in signature.features}
    columns: dict[str, Sequence[Any]] = {}
    for tensor in tensors:
        feature = features.get(tensor.name)
        if feature is None:
            raise InputError(f"the model has no feature {tensor.name[:80]!r}", where="inputs")
        if tensor.name in columns:
            raise InputError(f"the feature {tensor.name} is given twice", where="inputs")
        columns[tensor.name] = _column(tensor, feature)
    missing = next((name for name in features if name not in columns), None)
    if missing is not None:
        raise InputError(f"the feature {missing} is missing", where="inputs")
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise InputError(f"the features have different numbers of rows: {sorted(lengths)}", where="inputs")
    return _together(columns, signature, lengths.pop())


def _together(columns: Mapping[str, Sequence[Any]], signature: Signature, rows: int) -> Inputs:
    """Inputs of columns that were checked; the same as ``Signature.encode`` gives, all columns at once."""
    numeric = [columns[f.name] for f in signature.numeric]
    categorical = np.empty((rows, len(columns) - len(numeric)), object)
    for place, feature in enumerate(signature.categorical):
        categorical[:, place] = [MISSING_CATEGORY if text is None else text for text in columns[feature.name]]
    numbers = np.array(numeric, np.float64).reshape(len(numeric), rows)  # null becomes NaN
    return Inputs(numbers.T.astype(np.float32), categorical)


def outputs_of(
    scores: npt.NDArray[np.float64], signature: Signature, wanted: Sequence[str] | None = None
) -> list[ResponseTensor]:
    """Output tensors of scores [n, k]: probabilities and labels of a classifier, predictions of a regressor."""
    shape, flat = list(scores.shape), scores.ravel().tolist()
    if signature.task.is_classification:
        labels = [signature.classes[i] for i in scores.argmax(axis=1)]
        tensors = [
            ResponseTensor(PROBABILITIES_OUTPUT, shape, Datatype.FP64, flat),
            ResponseTensor(LABEL_OUTPUT, [len(labels)], Datatype.BYTES, labels),
        ]
    else:
        tensors = [ResponseTensor(PREDICTION_OUTPUT, shape, Datatype.FP64, flat)]
    return [tensor for tensor in tensors if wanted is None or tensor.name in wanted]


def _output_names(signature: Signature) -> tuple[str, ...]:
    return (PROBABILITIES_OUTPUT, LABEL_OUTPUT) if signature.task.is_classification else (PREDICTION_OUTPUT,)


def _column(tensor: RequestTensor, feature: Feature) -> list[Any]:
    rows = tensor.shape[0] if tensor.shape else 0
    if tensor.shape not in ([rows], [rows, 1]) or not 0 < rows <= MAX_ROWS:
        hint = f"[n] or [n, 1] with n from 1 to {MAX_ROWS}"
        raise InputError(f"a tensor of shape {tensor.shape}", where=f"feature {feature.name}", hint=hint)
    if (tensor.datatype is Datatype.BYTES) is not (feature.kind is FeatureKind.CATEGORICAL):
        hint = f"it takes {datatype_of(feature)}"
        raise InputError(f"a tensor of {tensor.datatype}", where=f"feature {feature.name}", hint=hint)
    values, kinds = _flat(tensor.data, feature.name)
    if len(values) != rows:
        raise InputError(f"{len(values)} values for {rows} rows", where=f"feature {feature.name}")
    wrong = kinds - _KINDS[tensor.datatype]
    if wrong:
        what = f"a value in a tensor of {tensor.datatype} is of the kind {min(_JSON_NAMES[kind] for kind in wrong)}"
        raise InputError(what, where=f"feature {feature.name}")
    if tensor.datatype in _RANGES:
        _check_range(values, tensor.datatype, feature.name)
    return values


def _flat(data: list[Any], name: str) -> tuple[list[Any], set[type]]:
    """Values of nested lists, row by row, and of which types they are."""
    for _ in range(_MAX_NESTING):
        kinds = set(map(type, data))
        if list not in kinds:
            return data, kinds
        if len(kinds) > 1:
            raise InputError("values and lists mixed", where=f"feature {name}")
        data = [value for item in data for value in item]
    raise InputError(f"lists nested deeper than {_MAX_NESTING}", where=f"feature {name}")


def _check_range(values: Sequence[Any], datatype: Datatype, name: str) -> None:
    low, high = _RANGES[datatype]
    numbers = [value for value in values if value is not None]
    if numbers and not (low <= min(numbers) and max(numbers) <= high):
        hint = f"from {low:g} to {high:g}"
        raise InputError(f"a number that does not fit {datatype}", where=f"feature {name}", hint=hint)
