import pytest

from secmlops.core.errors import InputError
from secmlops.data.protection.column_key import column_key

KEY = bytes(32)


def test_purpose_domain_and_key_all_separate() -> None:
    keys = {
        column_key(KEY, "pseudonymise", ("table", "a", "b"), 32),
        column_key(KEY, "encrypt", ("table", "a", "b"), 32),
        column_key(KEY, "pseudonymise", ("table", "a", "c"), 32),
        column_key(KEY, "pseudonymise", ("table", "ab", ""), 32),
        column_key(bytes(31) + b"1", "pseudonymise", ("table", "a", "b"), 32),
    }
    assert len(keys) == 5
    assert {len(key) for key in keys} == {32}


def test_a_short_key_is_refused() -> None:
    with pytest.raises(InputError, match="31 bytes"):
        column_key(bytes(31), "encrypt", ("x",), 64)
