"""Words for what does not fit."""

import msgspec
import pytest

from secmlops.core.json import Json
from secmlops.project.settings import Scalar
from secmlops.project.wording import misfit, nearest, shown


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "nothing"), ({}, "a mapping"), ([], "a list"), (True, "true"), (3, "3"), ("x" * 99, "'" + "x" * 59)],
)
def test_values_are_shown_short(value: Json, told: str) -> None:
    assert shown(value) == told


def test_the_nearest_word_is_named_only_when_it_is_near() -> None:
    assert nearest("lable", ["label", "source"]) == "; did you mean label?"
    assert nearest("zzz", ["label", "source"]) == ""


def test_a_union_is_told_in_words() -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert([], Scalar)
    told = misfit(str(refused.value), Scalar, [])
    assert told == "expected true or false or a whole number or a number or text, found a list"


def test_a_message_that_is_not_known_is_not_guessed_at() -> None:
    assert misfit("Something new", str, 3) == "3 does not fit"
