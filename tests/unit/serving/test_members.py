"""Members given twice are found, in whatever disguise; ordinary requests cost one count."""

import json

import pytest

from secmlops.core.errors import InputError
from secmlops.serving.members import check_members


@pytest.mark.parametrize(
    "body", [b'{"a":1,"a":1}', b'{"a":1,"\\u0061":1}', b'[{"b":{"a":1,"a":2}}]', b'{"":1,"":2}', b'{"a":":","a":""}']
)
def test_a_name_given_twice_is_found(body):
    with pytest.raises(InputError, match="twice"):
        check_members(body, 1)


@pytest.mark.parametrize("body", [b'{"a":1,"b":{"a":1}}', b'[{"a":1},{"a":1}]', b'{"a":"a:a:a"}', b"[]"])
def test_the_same_name_elsewhere_is_no_second_one(body):
    check_members(body, 0)


@pytest.mark.parametrize("body", [b'{"a": NaN}', b'{"a": -Infinity}', b"{:", b"\xff:", b'{"a":' * 50_000])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(InputError):
        check_members(body, 0)


def test_numbers_are_not_read_a_second_time():
    check_members(b'{"a":' + b"9" * 100_000 + b"}", 0)


def test_as_many_colons_as_members_need_no_second_look():
    check_members(json.dumps({"a": 1, "b": [2]}).encode(), 2)
    check_members(b"this is not looked at: it was read before", 1)
