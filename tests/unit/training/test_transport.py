"""Tables and arrays cross the border unchanged; nothing else crosses."""

import io
import pickle
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.errors import IsolationError
from secmlops.training.transport import array_from_bytes, array_to_bytes, table_from_bytes, table_to_bytes, to_table


def test_a_table_keeps_names_types_and_missing_values(problem: Callable) -> None:
    examples, signature = problem()
    table = to_table(examples.inputs, signature)
    assert table.column_names == [f.name for f in signature.features]
    assert table.schema.types == [pa.float32()] * 3 + [pa.string()] * 2
    assert table.column("age").null_count == 0
    assert table_from_bytes(table_to_bytes(table)).equals(table, check_metadata=True) or np.isnan(table["age"]).any()
    back = table_from_bytes(table_to_bytes(table))
    np.testing.assert_array_equal(back["age"].to_numpy(), examples.inputs.numeric[:, 1])
    assert back["purpose"].to_pylist() == examples.inputs.categorical[:, 0].tolist()


def test_an_array_round_trip() -> None:
    array = np.arange(6, dtype=np.float64).reshape(3, 2)
    np.testing.assert_array_equal(array_from_bytes(array_to_bytes(array)), array)


def test_objects_do_not_leave() -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        array_to_bytes(np.array([object()]))


def a_zip() -> bytes:
    sink = io.BytesIO()
    np.savez(sink, a=np.zeros(1))
    return sink.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        pickle.dumps({"a": 1}),
        array_to_bytes(np.zeros(9))[:-8],
        b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999,)}".ljust(118),
        b"\x93NUMPY\x01\x00v\x00" + b"__import__('os').abort()".ljust(118),
    ],
    ids=["nothing", "garbage", "pickle", "cut", "boast", "code"],
)
def test_what_is_not_an_array_is_refused(data: bytes) -> None:
    with pytest.raises(IsolationError, match="cannot be read"):
        array_from_bytes(data)


def header(text: bytes, length: int = 118) -> bytes:
    padded = text.ljust(length - 1) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded


@pytest.mark.parametrize(
    "data",
    [
        a_zip(),
        b"PK\x03\x04garbage",
        header(b"{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }" % 2**70),
        header(b"{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999, 999999999999), }"),
        header(b"{'descr': '|V0', 'fortran_order': False, 'shape': (9999999999,), }"),
        header(b"{'descr': '<f8', 'fortran_order': False, 'shape': (0L,), }"),
        header(b"{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }", 134),
        header(b"(" * 5000, 6000),
        header(b"-" * 5000 + b"1", 6000),
        array_to_bytes(np.zeros(9)) + b"x",
        array_to_bytes(np.zeros(9, np.float32)),
        array_to_bytes(np.zeros((1, 1, 1))),
    ],
)
def test_no_trick_of_the_format_gets_further(data: bytes) -> None:
    with pytest.raises(IsolationError, match="cannot be read"):
        array_from_bytes(data)


@pytest.mark.parametrize("array", [np.zeros((0, 2)), np.arange(3), np.asfortranarray(np.arange(6.0).reshape(3, 2))])
def test_every_array_of_a_training_round_trips(array: np.ndarray) -> None:
    back = array_from_bytes(array_to_bytes(array))
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype
    assert back.flags.writeable
