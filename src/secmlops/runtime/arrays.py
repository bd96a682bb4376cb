"""The stored form of what was learned beside a model: named arrays in the safetensors layout, read back strictly.

Eight bytes of header length (little-endian), a JSON header that names type, shape and place of every array, then the
bytes of the arrays without a gap (https://github.com/huggingface/safetensors, "Format"). The reader takes only what the
writer would have written: one way to say a thing leaves no room to hide another.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.errors import VerificationError

Array: TypeAlias = npt.NDArray[Any]

MAX_HEADER = 65_536
_TYPES: Mapping[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
    "I32": np.dtype("<i4"),
    "I64": np.dtype("<i8"),
    "U8": np.dtype("u1"),
}
_NAMES = {kind: name for name, kind in _TYPES.items()}


class _Place(msgspec.Struct, forbid_unknown_fields=True):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


def pack(kind: str, arrays: Mapping[str, Array]) -> bytes:
    """Bytes of ``arrays`` (float32, float64, int32, int64 or uint8), marked as the state of a ``kind``."""
    parts = [np.ascontiguousarray(arrays[name]).tobytes() for name in sorted(arrays)]
    header: dict[str, Any] = {"__metadata__": {"kind": kind}}
    start = 0
    for name, part in zip(sorted(arrays), parts, strict=True):
        end = start + len(part)
        header[name] = {
            "dtype": _NAMES[arrays[name].dtype],
            "shape": list(arrays[name].shape),
            "data_offsets": [start, end],
        }
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the arrays begin aligned
    return len(text).to_bytes(8, "little") + text + b"".join(parts)


def kind_of(data: bytes) -> str:
    """Kind whose state ``data`` says it is; raises VerificationError when the header cannot be read."""
    kind = _header(data)[0].get("__metadata__")
    if not isinstance(kind, dict) or set(kind) != {"kind"} or not isinstance(kind["kind"], str):
        raise VerificationError("the stored state does not say of what kind it is")
    return kind["kind"]


def unpack(data: bytes, kind: str, expected: Mapping[str, tuple[str, int]]) -> dict[str, Array]:
    """Arrays of a ``kind``; ``expected`` gives for every name its type (``F32``...) and number of axes.

    The arrays are read-only views of ``data``. Raises VerificationError on another kind, on an array that is missing,
    unexpected or of another type, on floats that are not finite, and on any byte that ``pack`` would not have written.
    """
    if (found := kind_of(data)) != kind:
        raise VerificationError(f"a stored {kind} was expected, this says it is {found[:40]!r}")
    header, start = _header(data)
    del header["__metadata__"]
    if set(header) != set(expected):
        raise VerificationError(f"a stored {kind} holds {sorted(expected)}, this holds {sorted(header)[:10]}")
    arrays = {name: _array(memoryview(data)[start:], name, header[name], expected[name]) for name in header}
    if pack(kind, arrays) != data:
        raise VerificationError(f"the stored {kind} has bytes that do not belong to it")
    return arrays


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """Header and the place where the arrays begin."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > MAX_HEADER or 8 + size > len(data):
        raise VerificationError("not a stored state: its header is cut off or too long")
    try:
        header = msgspec.json.decode(data[8 : 8 + size])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise VerificationError("not a stored state: its header is not JSON") from None
    if not isinstance(header, dict):
        raise VerificationError("not a stored state: its header is not a JSON object")
    return header, 8 + size


def _array(body: memoryview, name: str, entry: object, expected: tuple[str, int]) -> Array:
    try:
        place = msgspec.convert(entry, _Place)
    except msgspec.ValidationError:
        raise VerificationError(f"the place of the stored array {name} cannot be read") from None
    first, last = place.data_offsets
    if (place.dtype, len(place.shape)) != expected or min(place.shape, default=0) < 0:
        raise VerificationError(f"the stored array {name} is {place.dtype} {place.shape}, not {expected}")
    if not 0 <= first <= last <= len(body) or last - first != math.prod(place.shape) * _TYPES[place.dtype].itemsize:
        raise VerificationError(f"the stored array {name} does not lie where its header says")
    array: Array = np.frombuffer(body[first:last], _TYPES[place.dtype]).reshape(place.shape)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise VerificationError(f"the stored array {name} holds values that are not finite")
    return array
