import pytest

from secmlops.core.errors import InputError
from secmlops.vault.storage import check_name, is_name


@pytest.mark.parametrize("name", ["a", "model/00ff", "a/b/c/d/e/f/g/h", "_x/-y", "model/v1.2", "x" * 128])
def test_names(name: str) -> None:
    assert check_name(name) == name
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", ".hidden", "a/.lock", "a/%2e%2e/b", "~/a", "C:/a"),
        *("A", "a b", "a\\b", "a\x00b", "ä", "a\n", "x" * 129, "a/b/c/d/e/f/g/h/i"),
    ],
)
def test_what_is_no_name(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(InputError, match="cannot name a stored object"):
        check_name(name)
