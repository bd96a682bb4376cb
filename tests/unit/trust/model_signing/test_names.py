import pytest

from secmlops.core.errors import InputError
from secmlops.trust.model_signing.names import check_ignored, check_name, is_ignored


@pytest.mark.parametrize("name", ["a", "a/b", ".hidden", "a..b", "a b", "modèle/é", "a:0:1", "a\\b", "..."])
def test_a_canonical_name_is_taken(name):
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "/a", "a/", "a//b", "./a", "a/./b", "..", "../a", "a/../b", "a\0", "\udcff", "."])
def test_any_other_name_is_refused(name):
    with pytest.raises(InputError, match="is not the name of a model file"):
        check_name(name)


@pytest.mark.parametrize("name", ["*.bin", "a?", "[a]", "/a", "../a"])
def test_what_is_left_out_is_named_without_patterns(name):
    with pytest.raises(InputError):
        check_ignored(name)
    assert check_ignored("cache/a") == "cache/a"


def test_a_listed_path_covers_what_lies_below_it_and_nothing_else():
    assert is_ignored("cache", ["cache"])
    assert is_ignored("cache/a/b", ["cache"])
    assert not is_ignored("sub/cache", ["cache"])
    assert not is_ignored("cached", ["cache"])
