"""The pickle machine beside the real unpickler: what one refuses, the other refuses."""

import pickle

import pytest

from secmlops.release.scan import Verdict, scan_bytes

BROKEN = {
    "empty stack at stop": b".",
    "take from an empty stack": b"\x80\x04a.",
    "tuple from an empty stack": b"\x80\x04\x87.",
    "mark missing": b"\x80\x04t.",
    "not an opcode": b"\x80\x04\xfe.",
    "protocol 9": b"\x80\x09N.",
    "text beyond the end": b"\x80\x04X\xff\x00\x00\x00ab.",
    "bytes beyond the end": b"\x80\x04B\xff\x00\x00\x00ab.",
    "negative long": b"\x80\x04\x8b\xff\xff\xff\xff.",
    "line without an end": b"I1",
    "string without quotes": b"Sabc\n.",
    "broken escape": b"V\\u12\n.",
    "memo index of letters": b"N" + b"pa\n.",
    "memo never written": b"\x80\x04h\x05.",
    "state of a number": b"\x80\x04K\x01K\x02b.",
    "memo entry between others never written": b"\x80\x04Nr\x09\x00\x00\x000h\x02.",
    "memo index below zero": b"Np-1\n.",
    "number called": b"\x80\x04K\x01)R.",
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_unpickled_cannot_be_told(case: str) -> None:
    with pytest.raises((pickle.UnpicklingError, ValueError, EOFError, IndexError, AttributeError, TypeError)):
        pickle.loads(BROKEN[case])
    assert scan_bytes("m.pkl", BROKEN[case]).verdict is Verdict.CANNOT_TELL


def test_memo_out_of_proportion() -> None:
    assert scan_bytes("m.pkl", b"\x80\x04Nr\xff\xff\xff\x7f.").verdict is Verdict.CANNOT_TELL


HARMLESS = {
    "protocol 0 numbers": b"(I1\nI01\nL5L\nF1.5\nS'a'\nVb\\u0041\nN(lp0\n(dp1\nt.",
    "lists and dicts": b"\x80\x04](K\x01K\x02e}(K\x01K\x02u}K\x01K\x02s\x86\x86.",
    "sets": b"\x80\x04\x8f(K\x01\x90(K\x01\x91\x86.",
    "list appended one by one": b"]I1\na.",
    "pops and marks": b"(I1\n1N(I2\n00.",
    "memo lines": b"I5\np7\n0g7\n.",
    "long memo": b"\x80\x04K\x05r\x07\x00\x00\x000j\x07\x00\x00\x00q\x07.",
    "large numbers": b"\x80\x04J\xff\xff\xff\xffM\xff\xff\x8a\x02\xff\x7f\x8b\x01\x00\x00\x00\x05\x87.",
    "byte array": b"\x80\x05\x96\x02\x00\x00\x00\x00\x00\x00\x00ab.",
    "long bytes": b"\x80\x04\x8e\x02\x00\x00\x00\x00\x00\x00\x00ab.",
    "long text": b"\x80\x04X\x58\x02\x00\x00" + b"a" * 600 + b".",
    "empty tuple": b"\x80\x04)K\x01\x85\x86.",
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_holds_only_data_is_safe(case: str) -> None:
    pickle.loads(HARMLESS[case])
    report = scan_bytes("m.pkl", HARMLESS[case])
    assert (report.verdict, report.findings) == (Verdict.SAFE, ())


def test_buffers_outside_of_the_file() -> None:
    assert scan_bytes("m.pkl", b"\x80\x05\x97\x98.").verdict is Verdict.CANNOT_TELL


def test_windows_of_the_loop_join_up() -> None:
    rows = [{"id": index, "name": f"row {index}", "value": index / 3} for index in range(60_000)]
    data = pickle.dumps(rows, 4)
    assert len(data) > 1 << 20
    assert scan_bytes("m.pkl", data).verdict is Verdict.SAFE
