import pytest

from secmlops.data.recognise.context import Context

PHRASES = ("passport", "passport no")


def context(text: str, value: str = "C01", since: int = 0) -> Context:
    start = text.index(value)
    return Context(text, start, start + len(value), since)


@pytest.mark.parametrize(
    ("text", "away"),
    [
        ("passport C01", 0),
        ("passport: is the C01", 2),
        ("passportNo=C01", 0),
        ("<passport-no>C01</passport-no>", 0),
        ("C01 is their passport", 6),
    ],
)
def test_a_phrase_is_near(text: str, away: int) -> None:
    assert context(text).names(PHRASES)[0] == away


@pytest.mark.parametrize(
    "text",
    [
        "passports C01",
        "compassport C01",
        "passport for all of the people in that house C01",
        "passport and invoice C01",
        "C01, passport: none",
        "C01\npassport",
        "<passport>X</passport><a>C01",
        "x" * 80 + "C01",
    ],
)
def test_a_phrase_is_none_or_far_or_of_something_else(text: str) -> None:
    assert context(text).names(PHRASES) == (99, "")


def test_a_phrase_that_the_window_cuts_is_not_read_in_part() -> None:
    text = "my passport" + "-" * 62 + "C01"
    assert context(text).names(("port",)) == (99, "")


def test_words_before_another_value_count_no_more() -> None:
    text = "passport C99 C01"
    assert context(text, since=text.index(" C01")).names(PHRASES) == (99, "")


def test_words_for_other_things() -> None:
    assert context("order no C01").of_another_thing
    assert not context("order of the man from the town C01").of_another_thing
    assert context("isbn 978 3 C01").denies(frozenset({"isbn"}))
    assert not context("isbn 978 info C01").denies(frozenset({"isbn"}))
    assert not context("isbn C01").denies(frozenset())
