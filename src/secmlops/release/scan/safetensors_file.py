"""Reading safetensors files: one JSON header, then tensors that must fill the rest of the file exactly.

https://github.com/huggingface/safetensors#format
"""

import math

from secmlops.core.errors import VerificationError
from secmlops.release.scan.inspection import Data, Inspection
from secmlops.release.scan.rules import SAFETENSORS_HEADER, SAFETENSORS_LAYOUT
from secmlops.release.scan.strict_json import read_json
from secmlops.release.scan.verdict import Place, shown

_BITS = {
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8,
    "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64,
    "C64": 64,
}  # fmt: skip
_METADATA = "__metadata__"


def read_safetensors(place: Place, data: Data, inspection: Inspection) -> None:
    """Check header and layout; raises VerificationError where the header cannot be read at all."""
    length = int.from_bytes(data[:8], "little")
    header = read_json(data[8 : 8 + length], inspection.limits.header_bytes)
    if not isinstance(header, dict):
        raise VerificationError("the header is not a JSON object")
    metadata = header.pop(_METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        inspection.flag(SAFETENSORS_HEADER, place.at(8), "the metadata is not a table of texts")
    spans = []
    for name, tensor in header.items():
        span = _span(tensor)
        if span is None:
            inspection.flag(SAFETENSORS_HEADER, place.at(8), f"tensor {shown(name)!r} does not fit the format")
        else:
            spans.append(span)
    _check_layout(place, sorted(spans), len(data) - 8 - length, inspection)


def _span(tensor: object) -> tuple[int, int] | None:
    """Begin and end of a tensor if its type and shape call for just as many bytes, else None."""
    if not isinstance(tensor, dict) or set(tensor) != {"dtype", "shape", "data_offsets"}:
        return None
    bits, shape, offsets = _BITS.get(str(tensor["dtype"])), tensor["shape"], tensor["data_offsets"]
    if bits is None or not _sizes(shape) or not _sizes(offsets) or len(offsets) != 2:
        return None
    begin, end = offsets
    return (begin, end) if (end - begin) * 8 == math.prod(shape) * bits else None


def _sizes(value: object) -> bool:
    return isinstance(value, list) and all(type(n) is int and 0 <= n < 1 << 53 for n in value)


def _check_layout(place: Place, spans: list[tuple[int, int]], size: int, inspection: Inspection) -> None:
    pos = 0
    for begin, end in spans:
        if begin != pos:
            problem = "overlaps the one before" if begin < pos else "leaves a gap before it"
            inspection.flag(SAFETENSORS_LAYOUT, place, f"the tensor at byte {begin} of the data {problem}")
        pos = max(pos, end)
    if pos != size:
        inspection.flag(SAFETENSORS_LAYOUT, place, f"tensors take {pos} bytes, the file has {size}")
