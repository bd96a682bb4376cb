"""How tables and arrays cross the border of the sandbox, in either direction: Arrow IPC and .npy, never a pickle."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.core.errors import IsolationError
from secmlops.runtime.signature import Inputs, Signature


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
    """Bytes of ``array`` as .npy, without objects."""
    sink = io.BytesIO()
    np.save(sink, array, allow_pickle=False)
    return sink.getvalue()


def array_from_bytes(data: bytes) -> npt.NDArray[np.generic]:
    """Read .npy bytes; raises IsolationError for anything else, pickles included."""
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError, SyntaxError, MemoryError):
        raise IsolationError("the isolated code left an array that cannot be read") from None
    if not isinstance(array, np.ndarray):
        raise IsolationError("the isolated code left an archive instead of an array")
    return array
