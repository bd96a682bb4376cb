import math

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.trust.canonical import canonical_json, digest_of


def test_keys_are_sorted_and_numbers_have_one_form():
    assert canonical_json({"b": 1.0, "a": [1e21, "é", None, True]}) == '{"a":[1e+21,"é",null,true],"b":1}'.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, "\ud800", {"\ud800": 1}])
def test_what_json_cannot_say_is_refused(value):
    with pytest.raises(InputError, match="canonical JSON"):
        canonical_json({"value": value})


def test_nesting_without_end_is_refused():
    value = []
    value.append(value)
    with pytest.raises(InputError, match="canonical JSON"):
        canonical_json(value)


def test_the_digest_is_that_of_the_canonical_bytes():
    assert digest_of({"b": 1, "a": 2}) == Digest.of(b'{"a":2,"b":1}')
