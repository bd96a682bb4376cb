"""safetensors files: one that is right, and each way of being wrong."""

import json

import pytest

from secmlops.release.scan import Limits, Verdict, scan_bytes


def built(header: object, body: bytes = bytes(16), raw: bytes | None = None) -> bytes:
    text = raw if raw is not None else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def tensor(dtype: str = "F32", shape: tuple[int, ...] = (4,), begin: int = 0, end: int = 16) -> dict[str, object]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def test_two_tensors_and_metadata_are_safe() -> None:
    header = {"__metadata__": {"format": "pt"}, "b": tensor("F16", (4,), 8, 16), "a": tensor("I8", (2, 4), 0, 8)}
    report = scan_bytes("model.safetensors", built(header))
    assert (report.verdict, report.format, report.findings) == (Verdict.SAFE, "safetensors", ())


BAD = {
    "overlap": {"a": tensor(), "b": tensor(begin=0)},
    "gap": {"a": tensor(shape=(2,), end=8), "b": tensor(shape=(1,), begin=12)},
    "out of range": {"a": tensor(shape=(8,), end=32)},
    "trailing bytes": {"a": tensor(shape=(2,), end=8)},
    "length against shape": {"a": tensor(shape=(3,))},
    "unknown type": {"a": tensor("PICKLE")},
    "negative": {"a": tensor(shape=(-4,), begin=16, end=0)},
    "boolean": {"a": tensor(shape=(True, 4))},
    "extra key": {"a": {**tensor(), "code": "x"}},
    "no table": {"a": 1},
    "metadata not text": {"__metadata__": {"a": 1}, "a": tensor()},
    "nothing described": {},
}


@pytest.mark.parametrize("case", BAD)
def test_wrong_headers(case: str) -> None:
    assert scan_bytes("model.safetensors", built(BAD[case])).verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}',
        b'{"a":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}',
        b'{"\xff":1}',
        b'{"a":NaN}',
        b"{broken",
        b'{"a":' * 5000,
    ],
)
def test_headers_that_are_not_strict_json(raw: bytes) -> None:
    assert scan_bytes("model.safetensors", built(None, raw=raw)).verdict is Verdict.CANNOT_TELL


def test_huge_header() -> None:
    data = built({"a": tensor()})
    assert scan_bytes("model.safetensors", data, Limits(header_bytes=10)).verdict is Verdict.CANNOT_TELL
    assert scan_bytes("model.safetensors", (1 << 60).to_bytes(8, "little") + data[8:]).verdict is Verdict.CANNOT_TELL
