"""The stored form of arrays: what is written is read, and nothing else is."""

import json

import numpy as np
import pytest

from secmlops.core.errors import VerificationError
from secmlops.runtime.arrays import MAX_HEADER, kind_of, pack, unpack

EXPECTED = {"a": ("F32", 2), "b": ("I64", 1)}
ARRAYS = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([7], np.int64)}
STORED = pack("kind", ARRAYS)


def rewritten(**changes):
    size = int.from_bytes(STORED[:8], "little")
    header = json.loads(STORED[8 : 8 + size])
    for name, change in changes.items():
        header[name] = {**header.get(name, {}), **change}
    text = json.dumps(header, separators=(",", ":")).encode()
    return len(text).to_bytes(8, "little") + text + STORED[8 + size :]


def test_round_trip():
    read = unpack(STORED, "kind", EXPECTED)
    assert kind_of(STORED) == "kind"
    np.testing.assert_array_equal(read["a"], ARRAYS["a"])
    np.testing.assert_array_equal(read["b"], ARRAYS["b"])
    assert not read["a"].flags.writeable


@pytest.mark.parametrize("cut", range(0, len(STORED), 7))
def test_every_cut_is_refused(cut):
    with pytest.raises(VerificationError):
        unpack(STORED[:cut], "kind", EXPECTED)


@pytest.mark.parametrize(
    "data",
    [
        STORED + b"\0",
        (MAX_HEADER + 1).to_bytes(8, "little") + b"{}" * MAX_HEADER,
        (2).to_bytes(8, "little") + b"[]",
        (2).to_bytes(8, "little") + b"{}",
        (1).to_bytes(8, "little") + b"\xff",
        (4096).to_bytes(8, "little") + b"[" * 4096,
        rewritten(__metadata__={"kind": "other"}),
        rewritten(__metadata__={"more": "x"}),
        rewritten(__metadata__={"kind": 3}),
        rewritten(c={"dtype": "F32", "shape": [0], "data_offsets": [32, 32]}),
        rewritten(a={"dtype": "F64"}),
        rewritten(a={"dtype": "O"}),
        rewritten(a={"shape": [6]}),
        rewritten(a={"shape": [3, 2]}),
        rewritten(a={"shape": [-2, -3]}),
        rewritten(a={"shape": [2, 4]}),
        rewritten(a={"data_offsets": [8, 32]}),
        rewritten(a={"data_offsets": [-24, 0]}),
        rewritten(b={"data_offsets": [0, 8]}),
        rewritten(b={"data_offsets": [24, 99]}),
        rewritten(b={"extra": 1}),
    ],
)
def test_what_the_writer_would_not_write_is_refused(data):
    with pytest.raises(VerificationError):
        unpack(data, "kind", {**EXPECTED})


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(value):
    with pytest.raises(VerificationError, match="not finite"):
        unpack(pack("kind", {"a": np.array([value])}), "kind", {"a": ("F64", 1)})


def test_a_doubled_name_is_refused():
    size = int.from_bytes(STORED[:8], "little")
    text = STORED[8 : 8 + size].rstrip()
    doubled = text[:-1] + b"," + text[text.index(b'"b"') :]
    with pytest.raises(VerificationError):
        unpack(len(doubled).to_bytes(8, "little") + doubled + STORED[8 + size :], "kind", EXPECTED)
