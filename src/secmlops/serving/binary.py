"""Tensors in binary form: little-endian elements, row-major, in the order of the inputs, behind the JSON of a message.

Source: the binary tensor data extension of Triton and KServe,
https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md. An element of BYTES
is its length as an unsigned integer of 4 bytes, then its bytes; here they are always UTF-8.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from secmlops.core.errors import InputError
from secmlops.serving.datatypes import ELEMENTS, Datatype
from secmlops.serving.oip import RequestTensor

BINARY_HEADER = "Inference-Header-Content-Length"
SIZE_PARAMETER = "binary_data_size"
_HINT = f"{SIZE_PARAMETER} of each tensor adds up to what follows the {BINARY_HEADER} bytes of JSON"
_LENGTH_BYTES = 4


def header_length(value: str) -> int:
    """Length in bytes that the header ``Inference-Header-Content-Length`` gives; raises InputError otherwise."""
    if not (value.isascii() and value.isdigit() and len(value) <= 12):
        raise InputError("not a number of bytes", where=BINARY_HEADER, hint="the length of the JSON, in digits")
    return int(value)


def cut(body: bytes, length: int) -> tuple[bytes, memoryview]:
    """JSON of ``length`` bytes and what follows it; raises InputError for a length that is not within the body."""
    if not 0 < length <= len(body):
        raise InputError(f"{length} bytes of JSON in a body of {len(body)}", where=BINARY_HEADER)
    return body[:length], memoryview(body)[length:]


def raw_parts(tensors: Sequence[RequestTensor], rest: memoryview) -> list[memoryview | None]:
    """Each tensor's own bytes, None where its data stands in the JSON; raises InputError unless all add up exactly."""
    parts: list[memoryview | None] = []
    for tensor in tensors:
        size = None if tensor.parameters is UNSET else tensor.parameters.get(SIZE_PARAMETER)
        if (size is None) is (tensor.data is UNSET):
            raise InputError("a tensor has either data or a binary_data_size", where="inputs", hint=_HINT)
        if size is None:
            parts.append(None)
            continue
        if type(size) is not int or not 0 <= size <= len(rest):
            raise InputError("a tensor in binary form is longer than the body", where="inputs", hint=_HINT)
        parts.append(rest[:size])
        rest = rest[size:]
    if len(rest):
        raise InputError(f"{len(rest)} bytes belong to no tensor", where="inputs", hint=_HINT)
    return parts


def read_numbers(raw: memoryview, datatype: Datatype, count: int, where: str) -> npt.NDArray[np.float64]:
    """``count`` numbers [count], NaN included; raises InputError when the bytes are more, fewer or no such elements."""
    dtype = ELEMENTS[datatype].dtype
    if dtype is None or len(raw) != count * dtype.itemsize:
        raise InputError(f"{len(raw)} bytes for {count} elements of {datatype}", where=where)
    if datatype is Datatype.BOOL and raw.tobytes().strip(b"\0\1"):
        raise InputError("a byte that is neither 0 nor 1 in a tensor of BOOL", where=where)
    elements = np.frombuffer(raw, dtype)
    if datatype is Datatype.BF16:
        elements = (elements.astype(np.uint32) << 16).view(np.float32)
    return elements.astype(np.float64)


def read_texts(raw: memoryview, count: int, where: str) -> list[str]:
    """``count`` texts; raises InputError when the bytes are more, fewer, or no UTF-8."""
    if len(raw) < count * _LENGTH_BYTES:
        raise InputError(f"{len(raw)} bytes for {count} elements of BYTES", where=where)
    texts: list[str] = []
    place = 0
    try:
        for _ in range(count):
            start = place + _LENGTH_BYTES
            place = start + int.from_bytes(raw[place:start], "little")
            if start > len(raw) or place > len(raw):
                raise InputError("an element of BYTES reaches beyond its tensor", where=where)
            texts.append(str(raw[start:place], "utf-8"))
    except UnicodeDecodeError:
        raise InputError("an element of BYTES is not UTF-8", where=where) from None
    if place != len(raw):
        raise InputError(f"{len(raw) - place} bytes behind the last element of BYTES", where=where)
    return texts


def texts_as_bytes(texts: Sequence[str]) -> bytes:
    """Binary form of a tensor of BYTES."""
    encoded = [text.encode() for text in texts]
    return b"".join(len(one).to_bytes(_LENGTH_BYTES, "little") + one for one in encoded)
