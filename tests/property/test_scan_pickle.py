"""For any data: plain data is safe, one denied name anywhere is dangerous, any bytes at all give a verdict."""

import io
import pickle
import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.release.scan import Limits, Verdict, scan_bytes
from secmlops.release.scan.inspection import Inspection
from secmlops.release.scan.pickled.machine import Broken, Machine
from secmlops.release.scan.pickled.reader import HANDLERS
from secmlops.release.scan.verdict import Place

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


@settings(max_examples=100, deadline=None)
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


class Recorder(pickle._Unpickler):
    """CPython's unpickler, which here notes the names it is asked for and takes none."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.taken: list[str] = []

    def find_class(self, module: str, name: str) -> object:
        self.taken.append(f"{module}.{name}")
        return None


VALUES = st.sampled_from([b"N", b"K\x07", b"\x8c\x01a", b"\x8c\x01b", b"Vc\n", b"S'd'\n", b"S'\\x65'\n", b"]", b")"])
INDEXES = st.integers(0, 6)
MEMO_OPCODES = st.one_of(
    VALUES,
    st.just(b"\x94"),
    INDEXES.map(lambda index: b"q" + bytes([index])),
    INDEXES.map(lambda index: b"h" + bytes([index])),
    INDEXES.map(lambda index: b"r" + struct.pack("<I", index)),
    INDEXES.map(lambda index: b"j" + struct.pack("<I", index)),
    INDEXES.map(lambda index: b"p%d\n" % index),
    INDEXES.map(lambda index: b"g0%d\n" % index),
    st.sampled_from([b"2", b"0", b"(1", b"\x93"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(MEMO_OPCODES, max_size=30))
def test_the_memo_is_the_one_of_the_unpickler(opcodes: list[bytes]) -> None:
    data = b"N\x94" + b"".join(opcodes) + b"N."
    real, finished = Recorder(data), True
    try:
        real.load()
    except (pickle.UnpicklingError, IndexError):
        finished = False
    inspection = Inspection(Limits(), lambda *_: "unread")
    machine = Machine(HANDLERS, Place(("m.pkl",)), data, inspection)
    try:
        machine.run()
    except Broken:
        assert not finished
    named = [f.message.split(",")[0].removeprefix("names ") for f in inspection.findings if f.rule == "pickle-global"]
    assert {name for name in real.taken if "e" not in name} <= set(named)
    if finished:
        assert machine.stopped
        assert machine.memo.keys() == real.memo.keys()
        for index, value in real.memo.items():
            known = machine.memo[index]
            assert not isinstance(known, bytes | int) or known == (value.encode() if isinstance(value, str) else value)
            assert isinstance(value, str) or not isinstance(known, bytes)
