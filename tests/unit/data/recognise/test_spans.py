import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.spans import spans


def found(text: str) -> list[tuple[str, Kind]]:
    return [(text[s.start : s.end], s.kind) for s in spans(text)]


def test_a_text_with_much_in_it() -> None:
    text = (
        "Please call Anna Schmidt on +49 30 23125 100, mail anna.schmidt@example.org, pay to "
        "DE89 3704 0044 0532 0130 00 THANKS, born 17.05.1980, lives at Lindenstraße 12."
    )
    assert found(text) == [
        ("Anna Schmidt", Kind.PERSON_NAME),
        ("+49 30 23125 100", Kind.PHONE),
        ("anna.schmidt@example.org", Kind.EMAIL),
        ("DE89 3704 0044 0532 0130 00", Kind.IBAN),
        ("17.05.1980", Kind.BIRTH_DATE),
        ("Lindenstraße 12", Kind.ADDRESS),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"passportNumber": "C01X00T47"}', "C01X00T47"),
        ("<passport-number>C01X00T47</passport-number>", "C01X00T47"),
        ("| Passport | C01X00T47 |", "C01X00T47"),
        ("PASSPORT_NO=C01X00T47", "C01X00T47"),
        ("C01X00T47 is the passport of them", "C01X00T47"),
    ],
)
def test_a_word_beside_it_names_a_value_in_any_format(text: str, value: str) -> None:
    assert found(text) == [(value, Kind.PASSPORT)]


@pytest.mark.parametrize(
    "text",
    [
        "passports are checked; invoice no. C01X00T47",
        "compassport C01X00T47",
        "public 536904399 slices",
        "C01X00T47 | passport: none",
        "passport of the person who asked us for an answer the other day was C01X00T47",
    ],
)
def test_words_count_whole_near_and_unless_another_is_nearer(text: str) -> None:
    assert spans(text) == ()


def test_a_word_names_one_value_and_not_the_next() -> None:
    assert found("born 17.05.1980 delivered 18.06.2020") == [("17.05.1980", Kind.BIRTH_DATE)]
    assert found("<born>1980-05-17</born><on>2020-06-18</on>") == [("1980-05-17", Kind.BIRTH_DATE)]


def test_places_are_those_of_the_text_as_it_was_given() -> None:
    text = "x\u200banna\u200b@example.org und \uff21nna@example.org"
    (first, second) = spans(text)
    assert text[first.start : first.end] == "x\u200banna\u200b@example.org"
    assert text[second.start : second.end] == "\uff21nna@example.org"


def test_why_is_told_in_words_of_ours() -> None:
    (span,) = spans("SSN: 536-90-4399")
    assert span.why == "US social security number, beside the word 'ssn'"
    assert span.confidence == 0.95


@pytest.mark.parametrize(
    "text",
    [
        "timestamp 1700000000000 epoch 1700000000",
        "ISBN 978-3-0064-1622-0",
        "order 4111111111111111 of 2026-03-04 10:22:01",
        "version 10.0.19.41, build 1.2.3.4",
        "weighs 12.123456 kg at 20.5 degrees",
        "550e8400-e29b-41d4-a716-446655440000",
        "EAN 4006381333931, serial SN-0291-9450",
        "",
    ],
)
def test_other_numbers_are_let_alone(text: str) -> None:
    assert spans(text) == ()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_spans_within_it_in_order(text: str) -> None:
    last = 0
    for span in spans(text):
        assert last <= span.start < span.end <= len(text)
        assert 0 < span.confidence <= 1
        last = span.end


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="0123456789 .-/:()+@ABab\n", max_size=200))
def test_runs_of_digits_and_signs_break_nothing(text: str) -> None:
    assert all(0 <= span.start < span.end <= len(text) for span in spans(text))
