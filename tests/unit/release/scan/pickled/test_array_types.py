"""Types of array elements as NumPy pickles them, in every protocol, and as joblib writes the arrays."""

import io
import pickle

import joblib
import numpy as np
import numpy.typing as npt
import pytest

from secmlops.release.scan import Verdict, scan_bytes

TYPES: list[npt.DTypeLike] = [
    *(np.dtype(code) for code in "?bhilqBHILQefdgFDGO"), "M8[s]", "m8[3h]", ">f8", ">U4", "S5",
    "U5", "V8", "S", "U", "V",
    [("a", "i4"), ("b", "f8")], [("a", "O"), ("b", "i1")], [("s", [("q", "U3"), ("o", "O")])], [(("title", "n"), "f4")],
    [("x", "f8", (2,)), ("y", "U2", (2,))], [], {"names": ["a"], "formats": ["i4"], "offsets": [2], "itemsize": 16},
    {"names": ["a", "b"], "formats": ["i4", "i2"], "offsets": [0, 2]},
    np.dtype([("a", "i1"), ("b", "O")], align=True), np.dtype((np.record, [("a", "i1"), ("b", "f8")])),
]  # fmt: skip


@pytest.mark.parametrize("described", TYPES, ids=str)
def test_what_numpy_writes_is_understood(described: npt.DTypeLike) -> None:
    dtype = np.dtype(described)
    for protocol in range(6):
        for value in (dtype, np.zeros(3, dtype), [np.zeros((2, 2), dtype), dtype]):
            assert scan_bytes("m.pkl", pickle.dumps(value, protocol)).findings == ()


@pytest.mark.parametrize("described", [described for described in TYPES if np.dtype(described).itemsize], ids=str)
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_arrays_that_joblib_writes_are_passed_over(described: npt.DTypeLike, protocol: int) -> None:
    buffer = io.BytesIO()
    array = np.zeros((2, 3), np.dtype(described))
    joblib.dump({"first": array, "second": [array, "text"]}, buffer, protocol=protocol)
    assert scan_bytes("m.joblib", buffer.getvalue()).verdict is Verdict.SAFE


def test_random_numbers_without_padding_are_hardly_ever_opcodes() -> None:
    """Files of joblib before 1.1 hold array bytes right after the wrapper; ``pickle.load`` takes them for opcodes."""
    rng = np.random.default_rng(7)
    verdicts = set()
    for _ in range(200):
        head = (
            b"\x80\x02cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(U\x05shapeM\x00\x01\x85"
            b"U\x05dtypecnumpy\ndtype\nU\x02u1\x85Rub"
        )
        verdicts.add(scan_bytes("m.joblib", head + rng.bytes(256) + b".").verdict)
    assert verdicts == {Verdict.SAFE}


@pytest.mark.parametrize("leaf", ["i4", "?8"])
def test_types_within_types_are_read_once(leaf: str) -> None:
    """Sixteen levels of twenty fields, all of the same type below: as many leaves as no scan could visit."""
    types = b"cnumpy\ndtype\n(V" + leaf.encode() + b"\ntR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbq\x00"
    names = [b"U\x01" + bytes([97 + index]) for index in range(20)]
    size = 4
    for level in range(15):
        fields = b"".join(name + b"h" + bytes([level]) + b"J" + (0).to_bytes(4, "little") + b"\x86" for name in names)
        size += 4
        types += b"0cnumpy\ndtype\n(U" + bytes([len(b"V%d" % size)]) + b"V%d" % size + b"tR(K\x03U\x01|N("
        types += b"".join(names) + b"t}(" + fields + b"uJ" + size.to_bytes(4, "little") + b"K\x01K\x10tbq"
        types += bytes([level + 1])
    expected = Verdict.SAFE if leaf == "i4" else Verdict.DANGEROUS
    assert scan_bytes("m.pkl", b"\x80\x02" + types + b".").verdict is expected
