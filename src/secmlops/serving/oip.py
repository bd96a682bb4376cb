"""The messages of the Open Inference Protocol v2 in their JSON form: what a request says, how an answer is written.

Source: https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md. Members
that the protocol does not know are passed over, as it asks of servers. Of a member that is given twice the last one
counts; whoever must know what exactly was asked has the record, which commits to the bytes. NaN and infinities are no
JSON: a missing value is null.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.runtime.signature import PREDICTION_OUTPUT, PROBABILITIES_OUTPUT, Feature, FeatureKind, Signature

LABEL_OUTPUT = "label"
_MAX_TOLD = 200

Size = Annotated[int, Meta(ge=0, le=2**63 - 1)]


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


class RequestTensor(msgspec.Struct, frozen=True):
    """One input: a feature's values, one per row. ``data`` is flat or nested, row-major; null is a missing value."""

    name: str
    shape: Annotated[list[Size], Meta(max_length=8)]
    datatype: Datatype
    data: list[Any]


class RequestedOutput(msgspec.Struct, frozen=True):
    """An output that the caller wants."""

    name: str


class InferRequest(msgspec.Struct, frozen=True):
    """The body of ``POST /v2/models/NAME/infer``; ``outputs`` may name the wanted ones, none means all."""

    inputs: list[RequestTensor]
    id: Annotated[str, Meta(max_length=1024)] | None = None
    outputs: list[RequestedOutput] = []


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
    parameters: Mapping[str, str | int] = {}


_decoder = msgspec.json.Decoder(InferRequest)


def read_request(body: bytes) -> InferRequest:
    """Inference request of a JSON body; raises InputError that says what is wrong with it, and quotes no value."""
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"not an inference request: {str(error)[:_MAX_TOLD]}") from None


def metadata(name: str, version: str, signature: Signature) -> Mapping[str, Json]:
    """Answer of ``GET /v2/models/NAME``: each feature as an input tensor of its own, and the outputs."""
    inputs: list[Json] = [{"name": f.name, "datatype": datatype_of(f), "shape": [-1, 1]} for f in signature.features]
    outputs: list[Json] = [{"name": PREDICTION_OUTPUT, "datatype": Datatype.FP64, "shape": [-1, 1]}]
    if signature.task.is_classification:
        outputs = [
            {"name": PROBABILITIES_OUTPUT, "datatype": Datatype.FP64, "shape": [-1, len(signature.classes)]},
            {"name": LABEL_OUTPUT, "datatype": Datatype.BYTES, "shape": [-1]},
        ]
    return {"name": name, "versions": [version], "platform": "onnx_onnxruntime", "inputs": inputs, "outputs": outputs}


def datatype_of(feature: Feature) -> Datatype:
    """Data type in which the metadata names a feature; any other type of numbers is taken for numbers, too."""
    return Datatype.FP64 if feature.kind is FeatureKind.NUMERIC else Datatype.BYTES
