"""SPDX expressions are refused by their grammar, names by their words."""

import pytest

from secmlops.release.licences import is_refused


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("AGPL-3.0-only", True),
        ("agpl-3.0-or-later WITH Some-exception", True),
        ("MIT OR AGPL-3.0-only", False),
        ("AGPL-3.0-only OR GPL-3.0-only", True),
        ("MIT AND (AGPL-3.0-only OR Apache-2.0)", False),
        ("MIT AND (AGPL-3.0-only OR GPL-2.0)", True),
        ("MIT AND AGPL-3.0 OR Apache-2.0", False),
        ("(MIT AND AGPL-3.0) AND (Apache-2.0)", True),
        ("LGPL-3.0-only", False),
        ("MIT AND (AGPL-3.0", True),  # cannot be read: any of its words
        ("", False),
    ],
)
def test_an_expression_is_refused_where_no_choice_is_left(licence: str, refused: bool) -> None:
    assert is_refused(licence, ("AGPL", "GPL"), spdx=True) is refused


def test_a_name_is_refused_for_any_of_its_words() -> None:
    name = "GNU Affero General Public License v3 (AGPLv3)"
    assert is_refused(name, ("AGPL",), spdx=False)
    assert not is_refused("GNU Lesser General Public License (LGPLv2)", ("GPL",), spdx=False)
    assert not is_refused(name, (), spdx=False)
