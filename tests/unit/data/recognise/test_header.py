import pytest

from secmlops.data.recognise.header import header_words, names_one_of, numbered


@pytest.mark.parametrize("name", ["dateOfBirth", "DATE_OF_BIRTH", "date-of-birth", "Date of birth"])
def test_every_way_to_write_a_header_has_the_same_words(name: str) -> None:
    assert header_words(name) == ("date", "of", "birth")


def test_words_are_matched_whole() -> None:
    assert names_one_of(header_words("IP address"), ("ip",))
    assert not names_one_of(header_words("public_zone"), ("ip", "lic"))
    assert not names_one_of(header_words("emailed"), ("email",))
    assert header_words("customerID2") == ("customer", "id", "2")
    assert header_words("e\u200bmail ФИО") == ("email", "фио")


def test_german_numbers_are_one_word_or_two() -> None:
    assert names_one_of(header_words("Telefon-Nr."), numbered("telefon"))
    assert names_one_of(header_words("TELEFONNUMMER"), numbered("telefon"))
    assert not names_one_of(header_words("telefon"), numbered("telefon"))
