"""Open Inference Protocol v2: requests read into feature columns, answers written as tensors (JSON form)."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

MAX_ROWS = 4096
_MAX_NESTING = 8


class Datatype(StrEnum):
    """Tensor data types of the protocol that this gateway takes and gives."""

    BOOL = "BOOL"
    UINT8 = "UINT8"
    UINT16 = "UINT16"
    UINT32 = "UINT32"
    UINT64 = "UINT64"
    INT8 = "INT8"
    INT16 = "INT16"
    INT32 = "INT32"
    INT64 = "INT64"
    FP16 = "FP16"
    FP32 = "FP32"
    FP64 = "FP64"
    BYTES = "BYTES"


class RequestTensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One input: a feature's values, one per row. ``data`` is flat or nested, row-major; null is a missing value."""

    name: str
    shape: list[int]
    datatype: Datatype
    data: list[Any]
    parameters: dict[str, Any] = {}


class InferRequest(msgspec.Struct, frozen=True):
    """The body of ``POST /v2/models/NAME/infer``; ``outputs`` may name the wanted ones."""

    inputs: list[RequestTensor]
    id: str | None = None
    outputs: list[dict[str, Any]] = []
    parameters: dict[str, Any] = {}


class ResponseTensor(msgspec.Struct, frozen=True):
    """One output."""

    name: str
    shape: list[int]
    datatype: Datatype
    data: list[Any]


class InferResponse(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to an inference request."""

    model_name: str
    model_version: str
    outputs: list[ResponseTensor]
    id: str | None = None
    parameters: dict[str, Any] = {}


_decoder = msgspec.json.Decoder(InferRequest)


def read_request(body: bytes) -> InferRequest:
    """Inference request of a JSON body; raises InputError that says what is wrong with it."""
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"not an inference request: {error}") from None


def inputs_of(request: InferRequest, signature: Signature) -> Inputs:
    """Model inputs of a request; raises InputError for a missing, unknown, doubled or misshapen feature."""
    features = {f.name: f for f in signature.features}
    columns: dict[str, Sequence[object]] = {}
    for tensor in request.inputs:
        feature = features.get(tensor.name)
        if feature is None:
            raise InputError(f"the model has no feature {tensor.name[:80]!r}", where="inputs")
        if tensor.name in columns:
            raise InputError(f"the feature {tensor.name} is given twice", where="inputs")
        columns[tensor.name] = _column(tensor, feature)
    return signature.encode(columns)


def metadata(name: str, version: str, signature: Signature) -> Mapping[str, Json]:
    """Answer of ``GET /v2/models/NAME``: the tensors that the model takes and gives."""
    inputs: list[Json] = [{"name": f.name, "datatype": _datatype(f), "shape": [-1, 1]} for f in signature.features]
    outputs: list[Json] = [{"name": "prediction", "datatype": Datatype.FP64, "shape": [-1, 1]}]
    if signature.task.is_classification:
        outputs = [
            {"name": "probabilities", "datatype": Datatype.FP64, "shape": [-1, len(signature.classes)]},
            {"name": "label", "datatype": Datatype.BYTES, "shape": [-1]},
        ]
    return {"name": name, "versions": [version], "platform": "onnx_onnxruntime", "inputs": inputs, "outputs": outputs}


def outputs_of(scores: npt.NDArray[np.float64], signature: Signature) -> list[ResponseTensor]:
    """Output tensors of scores [n, k]: probabilities and labels of a classifier, predictions of a regressor."""
    shape, data = list(scores.shape), scores.ravel().tolist()
    if not signature.task.is_classification:
        return [ResponseTensor("prediction", shape, Datatype.FP64, data)]
    labels = [signature.classes[i] for i in scores.argmax(axis=1)]
    return [
        ResponseTensor("probabilities", shape, Datatype.FP64, data),
        ResponseTensor("label", [len(labels)], Datatype.BYTES, labels),
    ]


def _datatype(feature: Feature) -> Datatype:
    return Datatype.FP64 if feature.kind is FeatureKind.NUMERIC else Datatype.BYTES


def _column(tensor: RequestTensor, feature: Feature) -> list[object]:
    rows = tensor.shape[0] if tensor.shape else 0
    if tensor.shape not in ([rows], [rows, 1]) or not 0 < rows <= MAX_ROWS:
        raise InputError(f"{feature.name}: shape {tensor.shape[:4]}", hint=f"[n] or [n, 1] with n from 1 to {MAX_ROWS}")
    if (tensor.datatype is Datatype.BYTES) is not (feature.kind is FeatureKind.CATEGORICAL):
        raise InputError(f"{feature.name}: datatype {tensor.datatype}", hint=f"this feature takes {_datatype(feature)}")
    values = _flat(tensor.data, feature.name)
    if len(values) != rows:
        raise InputError(f"{feature.name}: {len(values)} values for {rows} rows")
    for value in values:
        if isinstance(value, bool) and tensor.datatype is not Datatype.BOOL:
            raise InputError(f"{feature.name}: a boolean in a tensor of {tensor.datatype}")
    return values


def _flat(data: list[Any], name: str) -> list[object]:
    for _ in range(_MAX_NESTING):
        if not any(isinstance(item, list) for item in data):
            return data
        if not all(isinstance(item, list) for item in data):
            raise InputError(f"{name}: values and lists mixed")
        data = [value for item in data for value in item]
    raise InputError(f"{name}: nested deeper than {_MAX_NESTING}")
