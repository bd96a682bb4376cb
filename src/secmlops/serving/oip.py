"""The messages of the Open Inference Protocol v2: what a request says, how the server and a model describe themselves.

Source: https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md, with the
binary tensor data extension (https://github.com/triton-inference-server/server/blob/main/docs/protocol). Members that
the protocol does not know are passed over, as it asks of servers; a member that is given twice is refused. NaN and
infinities are no JSON: a missing value is null.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.runtime.signature import PREDICTION_OUTPUT, PROBABILITIES_OUTPUT, Feature, FeatureKind, Signature
from secmlops.serving.datatypes import Datatype
from secmlops.serving.members import check_lists, check_members

LABEL_OUTPUT = "label"
EXTENSIONS = ("binary_tensor_data",)
_MAX_TOLD = 200

Parameters = dict[str, Any]


class RequestTensor(msgspec.Struct, frozen=True, gc=False):
    """One input. ``data`` is flat or nested, row-major, null where a value is missing; or it follows in binary form."""

    name: str
    shape: Annotated[list[int], Meta(max_length=8)]
    datatype: Datatype
    data: list[Any] | UnsetType = UNSET
    parameters: Parameters | UnsetType = UNSET


class RequestedOutput(msgspec.Struct, frozen=True):
    """An output that the caller wants; ``parameters`` may ask for its binary form."""

    name: str
    parameters: Parameters | UnsetType = UNSET


class InferRequest(msgspec.Struct, frozen=True):
    """The body of ``POST /v2/models/NAME/infer``; ``outputs`` may name the wanted ones, none means all."""

    inputs: list[RequestTensor]
    id: Annotated[str, Meta(max_length=1024)] | UnsetType | None = UNSET
    outputs: list[RequestedOutput] | UnsetType = UNSET
    parameters: Parameters | UnsetType = UNSET


class ResponseTensor(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One output: its ``data`` row by row, or its size in binary form among the ``parameters``."""

    name: str
    shape: list[int]
    datatype: Datatype
    data: list[Any] | UnsetType = UNSET
    parameters: Mapping[str, int] | UnsetType = UNSET


class InferResponse(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The answer to an inference request."""

    model_name: str
    model_version: str
    outputs: list[ResponseTensor]
    id: str | None = None
    parameters: Mapping[str, str | int] = {}


_decoder = msgspec.json.Decoder(InferRequest)


def read_request(body: bytes) -> InferRequest:
    """Inference request of a JSON document; raises InputError that says what is wrong with it, and quotes no value."""
    request = decode(body)
    check_once(request, body)
    return request


def decode(body: bytes) -> InferRequest:
    """Inference request of which the last counts where a member is given twice: not to be used before ``check_once``.

    Raises InputError as ``read_request`` does.
    """
    check_lists(body)
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"not an inference request: {_told(str(error))}") from None


def check_once(request: InferRequest, body: bytes) -> None:
    """Raise InputError when ``body``, which reads as ``request``, gives a member twice."""
    check_members(body, _members(request))


def _told(words: str) -> str:
    """Words of the decoder about what does not fit; those that quote what was sent are replaced."""
    if words.startswith("Invalid enum value"):
        return f"a tensor of an unknown datatype, not one of {', '.join(Datatype)}"
    return words[:_MAX_TOLD]


def _members(request: InferRequest) -> int:
    """Members that were read for certain, of a request that has more than names, shapes, datatypes and data."""
    count = 1 + (request.id is not UNSET) + (request.outputs is not UNSET) + _inside(request.parameters)
    for tensor in request.inputs:
        count += 3 + (tensor.data is not UNSET) + _inside(tensor.parameters)
    for output in request.outputs or ():
        count += 1 + _inside(output.parameters)
    return count


def _inside(parameters: Parameters | UnsetType) -> int:
    return 0 if parameters is UNSET else 1 + len(parameters)


def server_metadata(version: str) -> Mapping[str, Json]:
    """Answer of ``GET /v2``: the server, and which extensions of the protocol it offers."""
    return {"name": "secmlops", "version": version, "extensions": EXTENSIONS}


def metadata(name: str, versions: Sequence[str], signature: Signature) -> Mapping[str, Json]:
    """Answer of ``GET /v2/models/NAME``: each feature as an input tensor of its own, and the outputs.

    ``classes`` names the columns of the probabilities, in order.
    """
    inputs: list[Json] = [{"name": f.name, "datatype": datatype_of(f), "shape": [-1, 1]} for f in signature.features]
    outputs: list[Json] = [{"name": PREDICTION_OUTPUT, "datatype": Datatype.FP64, "shape": [-1, 1]}]
    if signature.task.is_classification:
        outputs = [
            {
                "name": PROBABILITIES_OUTPUT,
                "datatype": Datatype.FP64,
                "shape": [-1, len(signature.classes)],
                "parameters": {"classes": list(signature.classes)},
            },
            {"name": LABEL_OUTPUT, "datatype": Datatype.BYTES, "shape": [-1]},
        ]
    described = {"name": name, "versions": list(versions), "platform": "onnx_onnxruntime"}
    return {**described, "inputs": inputs, "outputs": outputs}


def datatype_of(feature: Feature) -> Datatype:
    """Data type in which the metadata names a feature; any other type of numbers is taken for numbers, too."""
    return Datatype.FP64 if feature.kind is FeatureKind.NUMERIC else Datatype.BYTES


def output_names(signature: Signature) -> tuple[str, ...]:
    """Outputs that a model of this signature gives."""
    return (PROBABILITIES_OUTPUT, LABEL_OUTPUT) if signature.task.is_classification else (PREDICTION_OUTPUT,)
