"""Names that can be shown anywhere."""

import pytest

from secmlops.access.names import check_name, is_name
from secmlops.core.errors import InputError


@pytest.mark.parametrize("name", ["a", "batch job", "ada.l@example", "7-x_y", "a" * 64])
def test_plain_names_are_taken(name):
    check_name(name, "a user")
    assert is_name(name)


@pytest.mark.parametrize(
    "name", ["", " a", "-a", "a" * 65, "a\n", "a\0", "ü", "a/b", "a:b", "a=b", "\u202ea", "a\u0660"]
)
def test_other_names_are_refused_and_said_what_they_were_for(name):
    assert not is_name(name)
    with pytest.raises(InputError, match="a user"):
        check_name(name, "a user")
