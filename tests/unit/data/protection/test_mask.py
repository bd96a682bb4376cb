import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.data.protection.mask import COVER, mask, masked


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("4111 1111 1111 1111", "**** **** **** 1111"),
        ("DE89 3704 0044 0532 0130 00", "**** **** **** **** **30 00"),
        ("+44 20 7946 0958", "+** ** **** 0958"),
        ("12-34", "**-*4"),
        ("ab", "**"),
        ("", ""),
        ("-- --", "-- --"),
    ],
)
def test_the_format_and_the_last_characters_stay(text: str, made: str) -> None:
    assert masked(text, 4) == made


def test_with_nothing_shown_nothing_stays() -> None:
    assert masked("4111 1111", 0) == "**** ****"


@settings(max_examples=60)
@given(st.text(max_size=40), st.integers(0, 50))
def test_at_most_a_third_is_ever_shown(text: str, shown: int) -> None:
    made = masked(text, shown)
    assert len(made) == len(text)
    changed = [old for old, new in zip(text, made, strict=True) if new == COVER and old != COVER]
    left = [old for old, new in zip(text, made, strict=True) if new == old and old not in " -./:()+,@_#*"]
    assert len(left) <= min(shown, (len(left) + len(changed) + text.count(COVER)) // 3)


def test_numbers_are_masked_by_their_text_and_gaps_stay() -> None:
    assert mask(pa.chunked_array([[123456, None]]), 2).to_pylist() == ["****56", None]
