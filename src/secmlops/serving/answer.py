"""The answer to a question, in the bytes that go over the wire: JSON, and behind it tensors in binary form if asked."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from secmlops.runtime.signature import Signature
from secmlops.serving.binary import BINARY_HEADER, SIZE_PARAMETER, texts_as_bytes
from secmlops.serving.datatypes import ELEMENTS
from secmlops.serving.oip import InferResponse, ResponseTensor
from secmlops.serving.tensors import Question, outputs_of

JSON_TYPE = "application/json"
BINARY_TYPE = "application/octet-stream"
JSON_HEADERS = {"Content-Type": JSON_TYPE}

_encoder = msgspec.json.Encoder()


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The body of a response and the headers that tell how to read it."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Model:
    """What answers: a model by its name and version, and what it gives."""

    name: str
    version: str
    signature: Signature


def write_answer(
    question: Question,
    scores: npt.NDArray[np.float64],
    model: Model,
    parameters: Mapping[str, str | int],
) -> Answer:
    """Answer of scores [n, k] to ``question``; ``parameters`` are told with it."""
    tensors = outputs_of(scores, model.signature, question.outputs)
    if not question.binary:
        response = InferResponse(model.name, model.version, tensors, question.id, parameters)
        return Answer(_encoder.encode(response), JSON_HEADERS)
    parts = [_part(tensor) if tensor.name in question.binary else None for tensor in tensors]
    told = [_without_data(tensor, part) for tensor, part in zip(tensors, parts, strict=True)]
    head = _encoder.encode(InferResponse(model.name, model.version, told, question.id, parameters))
    headers = {"Content-Type": BINARY_TYPE, BINARY_HEADER: str(len(head))}
    return Answer(b"".join((head, *filter(None, parts))), headers)


def _part(tensor: ResponseTensor) -> bytes:
    values = [] if tensor.data is UNSET else tensor.data
    dtype = ELEMENTS[tensor.datatype].dtype
    return texts_as_bytes(values) if dtype is None else np.array(values, dtype).tobytes()


def _without_data(tensor: ResponseTensor, part: bytes | None) -> ResponseTensor:
    if part is None:
        return tensor
    return ResponseTensor(tensor.name, tensor.shape, tensor.datatype, parameters={SIZE_PARAMETER: len(part)})
