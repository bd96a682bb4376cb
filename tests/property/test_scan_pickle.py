"""For any data: plain data is safe, one denied name anywhere is dangerous, any bytes at all give a verdict."""

import pickle

from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.release.scan import Limits, Verdict, scan_bytes

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)
SMALL = Limits(expanded_bytes=1 << 20, opcode_bytes=1 << 16, members=100)


class Call:
    """Pickles as a call of ``print``."""

    def __reduce__(self) -> tuple[object, ...]:
        return print, ("never run",)


@settings(max_examples=60, deadline=None)
@given(PLAIN, st.integers(0, 5))
def test_plain_data_is_safe_in_every_protocol(value: object, protocol: int) -> None:
    assert scan_bytes("m.pkl", pickle.dumps(value, protocol)).verdict is not Verdict.DANGEROUS
    assert scan_bytes("m.pkl", pickle.dumps([value], protocol)).verdict is Verdict.SAFE


@settings(max_examples=60, deadline=None)
@given(PLAIN, PLAIN, st.integers(0, 5))
def test_a_call_anywhere_is_dangerous(before: object, after: object, protocol: int) -> None:
    data = pickle.dumps([before, {"x": (Call(), after)}], protocol)
    assert scan_bytes("m.pkl", data).verdict is Verdict.DANGEROUS


@settings(max_examples=60, deadline=None)
@given(PLAIN, st.integers(2, 5), st.data())
def test_cutting_a_dangerous_pickle_never_makes_it_safe(value: object, protocol: int, data: st.DataObject) -> None:
    whole = pickle.dumps([Call(), value], protocol)
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert scan_bytes("m.pkl", whole[:cut]).verdict is not Verdict.SAFE


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        [b"", b"\x80\x04", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x08\x07", b"\x1f\x8b", b"\x89HDF\r\n\x1a\n"]
    ),
    st.binary(max_size=300),
    st.sampled_from(["m.pkl", "m.pt", "m.onnx", "m.npy", "m.zip", "m.h5", "m.safetensors", "m.txt"]),
)
def test_any_bytes_give_a_verdict(start: bytes, rest: bytes, name: str) -> None:
    report = scan_bytes(name, start + rest, SMALL)
    assert report.verdict in set(Verdict)
    assert len(report.findings) == len(report.places)
