"""Each different value is treated once; what came again is recalled, in bounded memory, and only where that pays."""

import base64

import pyarrow as pa
import pytest

from secmlops.data.protection import each_value
from secmlops.data.protection.base32 import base32
from secmlops.data.protection.each_value import LONGEST, Recalled, map_texts


class Counting:
    """Upper case, and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def __call__(self, texts: list[bytes]) -> list[bytes]:
        self.asked += texts
        return [text.upper() for text in texts]


def test_a_value_is_treated_once_and_a_gap_stays() -> None:
    function = Counting()
    column = pa.chunked_array([["b", None, "a"], ["b", "", "é"]])
    assert map_texts(column, function).to_pylist() == ["B", None, "A", "B", "", "é"]
    assert function.asked == [b"b", b"a", b"", "é".encode()]


def test_what_came_before_is_recalled_and_no_more_than_may_be_kept() -> None:
    function, long = Counting(), b"x" * (LONGEST + 1)
    recalled = Recalled(function, 2)
    assert recalled([b"a", b"b", b"c"]) == [b"A", b"B", b"C"]
    assert recalled([b"c", b"b", b"a"]) == [b"C", b"B", b"A"]
    assert function.asked[3:] == [b"c"]
    roomy = Recalled(function, 9)
    assert roomy([long, b"d"]) == roomy([long, b"d"]) == [long.upper(), b"D"]
    assert function.asked[4:] == [long, b"d", long]


def test_nothing_is_kept_on_where_nothing_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(each_value, "_TRIAL", 5)
    function = Counting()
    recalled = Recalled(function, 100)
    recalled([b"%d" % i for i in range(8)])
    assert recalled([b"1", b"2"]) == [b"1", b"2"]
    assert function.asked[8:] == [b"1", b"2"]


def test_base32_is_that_of_the_library() -> None:
    codes = [bytes(range(7, 7 + n)) for n in (*range(40), 16, 16)]
    assert base32(codes) == [base64.b32encode(code).rstrip(b"=").lower() for code in codes]
    assert base32([]) == []
