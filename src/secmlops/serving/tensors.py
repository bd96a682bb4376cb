"""Between the protocol's tensors and the model: a request read into a question, scores written as tensors."""

from collections.abc import Iterable, Mapping, Sequence, Sized

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import UNSET, UnsetType

from secmlops.core.errors import InputError
from secmlops.runtime.signature import (
    CATEGORICAL_INPUT,
    NUMERIC_INPUT,
    PREDICTION_OUTPUT,
    PROBABILITIES_OUTPUT,
    Inputs,
    Signature,
)
from secmlops.serving.binary import cut, raw_parts
from secmlops.serving.columns import MAX_ROWS, Values, read_values, rows_of, rows_of_block
from secmlops.serving.datatypes import Datatype
from secmlops.serving.oip import (
    LABEL_OUTPUT,
    InferRequest,
    Parameters,
    RequestedOutput,
    RequestTensor,
    ResponseTensor,
    check_once,
    datatype_of,
    decode,
)
from secmlops.serving.plan import Plan, plan_of
from secmlops.serving.usual import USUAL_MEMBERS, usual_bytes, usual_row

__all__ = ["MAX_ROWS", "Question", "inputs_of", "outputs_of", "read_question"]

_NOTHING = memoryview(b"")
_NOT_OFFERED = ("classification", "shared_memory_region")


class Question(msgspec.Struct, frozen=True, gc=False):
    """What a caller asks: the model's inputs, the names of the wanted outputs, which of them in binary form, an id."""

    inputs: Inputs
    outputs: tuple[str, ...]
    id: str | None = None
    binary: frozenset[str] = frozenset()


def read_question(body: bytes, signature: Signature, header_length: int | None = None) -> Question:
    """Question in the body of a request; ``header_length`` bytes of it are JSON where tensors follow in binary form.

    The inputs are either one tensor for each feature, [n] or [n, 1], or the model's own: ``numeric`` [n, p] of numbers
    and ``categorical`` [n, q] of texts, in the order of the signature. Null, NaN in binary form, and an empty text are
    missing values. Raises InputError, which names the place and quotes no value: for a missing, unknown or doubled
    feature or member, for another shape with n from 1 to ``MAX_ROWS``, for values that are not of the data type, and
    for bytes that do not add up.
    """
    plan, rest = plan_of(signature), _NOTHING
    if header_length is not None:
        body, rest = cut(body, header_length)
    request = decode(body)
    tensors = request.inputs
    inputs = usual_bytes(tensors, rest, plan) if rest else usual_row(tensors, plan)
    if inputs is None or rest or body.count(b":") != 1 + USUAL_MEMBERS * len(tensors):
        check_once(request, body)
    if inputs is None:
        inputs = inputs_of(tensors, plan, rest)
    if request.outputs is UNSET and request.parameters is UNSET:
        return Question(inputs, plan.outputs, request.id or None)
    outputs, binary = _wanted(request, plan)
    return Question(inputs, outputs, request.id or None, binary)


def inputs_of(tensors: Sequence[RequestTensor], plan: Plan, rest: memoryview) -> Inputs:
    """Model inputs of tensors, whose binary parts are ``rest``; raises InputError as ``read_question`` does."""
    parts = raw_parts(tensors, rest)
    blocks = bool(tensors) and all(tensor.name in plan.blocks for tensor in tensors)
    columns: dict[str, Values] = {}
    for tensor, raw in zip(tensors, parts, strict=True):
        if tensor.name not in (plan.blocks if blocks else plan.places):
            raise InputError(f"the model has no feature {tensor.name[:80]!r}", where="inputs")
        if tensor.name in columns:
            raise InputError(f"the feature {tensor.name} is given twice", where="inputs")
        columns[tensor.name] = _block(tensor, raw, plan) if blocks else _column(tensor, raw, plan)
    return _joined_blocks(columns, plan) if blocks else joined(columns, plan)


def joined(columns: Mapping[str, Values], plan: Plan) -> Inputs:
    """Inputs of the columns of all features; raises InputError when one is missing or they differ in length."""
    rows = _rows(columns, plan.places)
    numeric = np.empty((rows, plan.numeric), np.float32)
    categorical = np.empty((rows, len(plan.places) - plan.numeric), object)
    for name, place in plan.places.items():
        if place < plan.numeric:
            numeric[:, place] = columns[name]
        else:
            categorical[:, place - plan.numeric] = columns[name]
    return Inputs(numeric, categorical)


def outputs_of(
    scores: npt.NDArray[np.float64], signature: Signature, wanted: Sequence[str] | None = None
) -> list[ResponseTensor]:
    """Output tensors of scores [n, k]: probabilities and labels of a classifier, predictions of a regressor."""
    shape, flat = list(scores.shape), scores.ravel().tolist()
    if not signature.task.is_classification:
        return [ResponseTensor(PREDICTION_OUTPUT, shape, Datatype.FP64, flat)]
    tensors = []
    if wanted is None or PROBABILITIES_OUTPUT in wanted:
        tensors.append(ResponseTensor(PROBABILITIES_OUTPUT, shape, Datatype.FP64, flat))
    if wanted is None or LABEL_OUTPUT in wanted:
        best = [flat.index(max(flat))] if shape[0] == 1 else scores.argmax(axis=1).tolist()
        labels = [signature.classes[i] for i in best]
        tensors.append(ResponseTensor(LABEL_OUTPUT, [len(labels)], Datatype.BYTES, labels))
    return tensors


def _column(tensor: RequestTensor, raw: memoryview | None, plan: Plan) -> Values:
    feature = plan.features[tensor.name]
    where = f"feature {feature.name}"
    rows = rows_of(tensor, where)
    if (tensor.datatype is Datatype.BYTES) is plan.is_numeric(feature.name):
        raise InputError(f"a tensor of {tensor.datatype}", where=where, hint=f"it takes {datatype_of(feature)}")
    return read_values(tensor, raw, rows, where)


def _block(tensor: RequestTensor, raw: memoryview | None, plan: Plan) -> Values:
    width, where = plan.blocks[tensor.name], f"tensor {tensor.name}"
    rows = rows_of_block(tensor, width, where)
    if (tensor.datatype is Datatype.BYTES) is (tensor.name == NUMERIC_INPUT):
        hint = "it takes FP32" if tensor.name == NUMERIC_INPUT else "it takes BYTES"
        raise InputError(f"a tensor of {tensor.datatype}", where=where, hint=hint)
    return read_values(tensor, raw, rows * width, where).reshape(rows, width)


def _joined_blocks(blocks: Mapping[str, Values], plan: Plan) -> Inputs:
    rows = _rows(blocks, plan.blocks)
    numeric = np.asarray(blocks.get(NUMERIC_INPUT, np.empty((rows, 0))), np.float32)
    categorical = np.asarray(blocks.get(CATEGORICAL_INPUT, np.empty((rows, 0))), object)
    return Inputs(numeric, categorical)


def _rows(columns: Mapping[str, Sized], expected: Iterable[str]) -> int:
    """Rows that all columns have; raises InputError when they differ, or one that is expected is not there."""
    missing = next((name for name in expected if name not in columns), None)
    if missing is not None:
        raise InputError(f"the feature {missing} is missing", where="inputs")
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise InputError(f"the features have different numbers of rows: {sorted(lengths)}", where="inputs")
    return lengths.pop()


def _wanted(request: InferRequest, plan: Plan) -> tuple[tuple[str, ...], frozenset[str]]:
    """Names of the outputs that are wanted, and those that are wanted in binary form."""
    by_default = _flag(request.parameters, "binary_data_output", default=False)
    asked = request.outputs or [RequestedOutput(name) for name in plan.outputs]
    binary: dict[str, bool] = {}
    for output in asked:
        if output.name not in plan.outputs:
            hint = f"it has {', '.join(plan.outputs)}"
            raise InputError(f"the model has no output {output.name[:80]!r}", where="outputs", hint=hint)
        if output.name in binary:
            raise InputError(f"the output {output.name} is asked for twice", where="outputs")
        binary[output.name] = _flag(output.parameters, "binary_data", default=by_default)
    return tuple(binary), frozenset(name for name, flag in binary.items() if flag)


def _flag(parameters: Parameters | UnsetType, name: str, *, default: bool) -> bool:
    """Value of a parameter that is true or false; raises InputError for another, and for what is not offered."""
    if parameters is UNSET:
        return default
    other = next((other for other in _NOT_OFFERED if other in parameters), None)
    if other is not None:
        raise InputError(f"{other} is an extension that is not offered", where="outputs", hint="GET /v2 names them")
    flag = parameters.get(name, default)
    if not isinstance(flag, bool):
        raise InputError(f"{name} is neither true nor false", where="parameters")
    return flag
