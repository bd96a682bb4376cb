"""The tensor data types of the Open Inference Protocol v2 that the gateway takes, and what one element of each may be.

Sources: https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md ("Tensor
Data Types"), and for BF16, which has no form in JSON, Triton's binary tensor data extension.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType, NoneType
from typing import Any

import numpy as np

FLOAT32_LIMIT = 2.0**128 - 2.0**103
"""The smallest magnitude that rounds to infinity in float32, in which models compute (IEEE 754, ties to even)."""


class Datatype(StrEnum):
    """Names of the protocol."""

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
    BF16 = "BF16"
    BYTES = "BYTES"


@dataclass(frozen=True, slots=True)
class Element:
    """One element: ``kinds`` of JSON values it may be, its range from ``low`` to ``high``, its little-endian ``dtype``.

    No ``kinds``: only in binary form. No ``dtype``: as long as it says itself. For numbers with a fraction the range is
    what neither the type nor float32 would make infinite.
    """

    kinds: frozenset[type]
    dtype: np.dtype[Any] | None
    low: float = 0
    high: float = 1


def _integer(bits: int, signed: bool) -> Element:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return Element(frozenset({int, NoneType}), np.dtype(f"<{'i' if signed else 'u'}{bits // 8}"), low, high)


def _fraction(code: str, limit: float = FLOAT32_LIMIT) -> Element:
    high = float(np.nextafter(limit, 0))
    return Element(frozenset({int, float, NoneType}), np.dtype(code), -high, high)


ELEMENTS: Mapping[Datatype, Element] = MappingProxyType(
    {
        Datatype.BOOL: Element(frozenset({bool, NoneType}), np.dtype("?")),
        **{Datatype(f"UINT{bits}"): _integer(bits, signed=False) for bits in (8, 16, 32, 64)},
        **{Datatype(f"INT{bits}"): _integer(bits, signed=True) for bits in (8, 16, 32, 64)},
        Datatype.FP16: _fraction("<f2", 65520.0),
        Datatype.FP32: _fraction("<f4"),
        Datatype.FP64: _fraction("<f8"),
        Datatype.BF16: Element(frozenset(), np.dtype("<u2")),  # numpy has no such type: the upper half of a float32
        Datatype.BYTES: Element(frozenset({str, NoneType}), None),
    }
)
