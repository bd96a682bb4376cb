"""How tables and arrays cross the border of the sandbox, in either direction: Arrow IPC and .npy, never a pickle."""

import io
import math
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.core.errors import IsolationError
from secmlops.runtime.signature import Inputs, Signature

_NPY_DATA = 128
_NPY_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00v\x00\{'descr': '(<f8|<i8)', 'fortran_order': False, "
    rb"'shape': \((\d{1,12}),(?: (\d{1,12}))?\), \} *\n"
)
"""The one form in which NumPy writes such arrays (numpy.lib.format, version 1.0): padded to 128 bytes."""


def to_table(inputs: Inputs, signature: Signature) -> pa.Table:
    """Table of ``inputs`` under the names of the features: float32 with NaN and string with "" where missing."""
    columns: dict[str, pa.Array[Any]] = {}
    for place, feature in enumerate(signature.numeric):
        columns[feature.name] = pa.array(np.ascontiguousarray(inputs.numeric[:, place]), pa.float32())
    for place, feature in enumerate(signature.categorical):
        columns[feature.name] = pa.array(inputs.categorical[:, place], pa.string())
    return pa.table(columns)


def table_to_bytes(table: pa.Table) -> bytes:
    """Arrow IPC stream of ``table``."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def table_from_bytes(data: bytes) -> pa.Table:
    """Read what ``table_to_bytes`` gave."""
    with pa.ipc.open_stream(data) as reader:
        return reader.read_all()


def array_to_bytes(array: npt.NDArray[np.generic]) -> bytes:
    """Bytes of ``array`` as .npy, row by row; raises ValueError for objects."""
    sink = io.BytesIO()
    np.save(sink, np.ascontiguousarray(array), allow_pickle=False)
    return sink.getvalue()


def array_from_bytes(data: bytes) -> npt.NDArray[np.generic]:
    """Read what ``array_to_bytes`` gives for float64 or int64 [n] or [n, k]; raises IsolationError for anything else.

    The header is matched, not evaluated as NumPy does, and nothing is allocated beyond the bytes that are there.
    """
    header = _NPY_HEADER.match(data)
    if not header or header.end() != _NPY_DATA:
        raise IsolationError("the isolated code left an array that cannot be read")
    shape = tuple(int(length) for length in header.group(2, 3) if length)
    if math.prod(shape) * 8 != len(data) - _NPY_DATA:
        raise IsolationError("the isolated code left an array that cannot be read: it is not as long as it says")
    return np.frombuffer(data, header[1].decode("ascii"), offset=_NPY_DATA).reshape(shape).copy()
