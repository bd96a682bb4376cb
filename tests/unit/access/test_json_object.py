"""One JSON object, the same for every reader."""

import pytest

from secmlops.access.json_object import read_object
from secmlops.core.errors import VerificationError


def test_an_object_is_read():
    assert read_object(b'{"a": [1, {"b": null}], "c": "\xc3\xa9"}', "x") == {"a": [1, {"b": None}], "c": "é"}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"1", b"null", b"{", b"\xff", b'{"a": 1, "a": 1}', b'[{"a": 1}]', b'{"x": {"a": 1, "a": 2}}',
        b'{"x": [{"a": 1, "\\u0061": 2}]}', b'{"a": NaN}', b'{"a": -Infinity}', b"{} {}", b'{"a":' * 5000,
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}", b"\xef\xbb\xbf{}", "{}".encode("utf-16"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_the_name_of_what_it_was_to_be(data):
    with pytest.raises(VerificationError, match="the part is no JSON object"):
        read_object(data, "the part")
