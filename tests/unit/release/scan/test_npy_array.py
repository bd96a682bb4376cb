"""NumPy's files: real arrays are safe, headers are never evaluated, objects are read as pickles."""

import io
import struct

import numpy as np
import pytest

from secmlops.release.scan import FileReport, Verdict, scan_bytes

ARRAYS = [
    np.arange(6).reshape(2, 3),
    np.asfortranarray(np.ones((3, 2), np.float32)),
    np.array(["a", "bcd"]),
    np.array([b"a", b"bcd"]),
    np.zeros(3, [("a", "i4"), ("b", "f8", (2,)), ("c", "U3")]),
    np.array(["2020-01-01"], "M8[D]"),
    np.array(5.0),
    np.zeros((0, 3)),
    np.array([True]),
    np.array([1, "a", None], object),
    np.array([(1, None)], [("a", "i4"), ("b", "O")]),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: str(array.dtype))
def test_real_arrays_are_safe(array: np.ndarray) -> None:
    buffer, packed = io.BytesIO(), io.BytesIO()
    np.save(buffer, array)
    np.savez_compressed(packed, first=array, second=array)
    assert scan_bytes("a.npy", buffer.getvalue()).verdict is Verdict.SAFE
    report = scan_bytes("a.npz", packed.getvalue())
    assert (report.verdict, report.format) == (Verdict.SAFE, "npz")


def damaged(array: np.ndarray, old: bytes, new: bytes) -> FileReport:
    """Report on an archive of ``array`` in which ``old`` became ``new`` after the checksum was taken."""
    packed = io.BytesIO()
    np.savez(packed, first=array)
    data = packed.getvalue()
    assert data.count(old) == 1
    assert len(old) == len(new)
    return scan_bytes("a.npz", data.replace(old, new))


def test_checksums_are_compared_except_over_the_elements_of_plain_arrays() -> None:
    assert damaged(np.array([b"some", b"text"]), b"sometext", b"sOmeteXt").verdict is Verdict.SAFE
    for report in (
        damaged(np.array(["text", None], object), b"text", b"teXt"),
        damaged(np.arange(3), b"'fortran_order'", b"'fortran_ordex'"),
        damaged(np.arange(3), b"'shape': (3,)", b"'shape': (2,)"),
        damaged(np.arange(3), b"\x93NUMPY", b"\x93NUMPX"),
    ):
        assert report.verdict is Verdict.CANNOT_TELL
        assert "archive-checksum" in {finding.rule for finding in report.findings}


def built(header: str, body: bytes = bytes(8), version: tuple[int, int] = (1, 0)) -> bytes:
    raw = header.encode("latin-1")
    return b"\x93NUMPY" + bytes(version) + struct.pack("<H" if version == (1, 0) else "<I", len(raw)) + raw + body


GOOD = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"


def test_the_header_that_the_cases_change_is_safe() -> None:
    assert scan_bytes("a.npy", built(GOOD)).verdict is Verdict.SAFE
    assert scan_bytes("a.npy", built(GOOD, version=(2, 0))).verdict is Verdict.SAFE


BAD = {
    "code": "__import__('os').system('id')",
    "code inside": GOOD.replace("(1,)", "(print(1),)"),
    "no literal": "{" * 300,
    "missing key": "{'descr': '<f8', 'shape': (1,)}",
    "list": "[1]",
    "negative": GOOD.replace("(1,)", "(-1,)"),
    "boolean": GOOD.replace("(1,)", "(True,)"),
    "shape no tuple": GOOD.replace("(1,)", "1"),
    "unknown type": GOOD.replace("<f8", "<q8"),
    "type no text": GOOD.replace("'<f8'", "7"),
    "no size": GOOD.replace("<f8", "<V0"),
    "too long": GOOD.replace("(1,)", "(2,)"),
    "too short": GOOD.replace("(1,)", "(0,)"),
}


@pytest.mark.parametrize("case", BAD)
def test_wrong_headers(case: str) -> None:
    assert scan_bytes("a.npy", built(BAD[case])).verdict is Verdict.CANNOT_TELL


def test_unknown_version_and_cut_header() -> None:
    assert scan_bytes("a.npy", built(GOOD, version=(9, 0))).verdict is Verdict.CANNOT_TELL
    data = built(GOOD)
    for cut in range(6, len(data)):
        assert scan_bytes("a.npy", data[:cut]).verdict is Verdict.CANNOT_TELL
