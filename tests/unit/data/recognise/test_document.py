import re

import pytest

from secmlops.data.recognise.document import PASSPORT, PLATE, is_machine_readable_zone
from secmlops.data.recognise.spans import spans


@pytest.mark.parametrize("text", ["C01X00T47", "536904399", "181/815/08155", "A123456780", "P 1234567"])
def test_numbers_of_documents(text: str) -> None:
    assert re.search(PASSPORT.whole, text)


@pytest.mark.parametrize("text", ["12", "yes", "valid", "Germany", "1.5"])
def test_what_is_no_number_of_a_document(text: str) -> None:
    assert not re.search(PASSPORT.whole, text)


@pytest.mark.parametrize("text", ["B-CY 7095", "M AB 123", "AB12 CDE", "AB-123-CD"])
def test_number_plates(text: str) -> None:
    assert re.search(PLATE.whole, text)


def test_the_machine_readable_zone_of_a_passport() -> None:
    zone = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
    assert is_machine_readable_zone(zone)
    assert not is_machine_readable_zone(zone.replace("740812", "740813"))
    assert [s.kind for s in spans(f"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n{zone}")] == ["passport"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("passport C01X00T47 was copied", ["passport"]),
        ('"passportNumber": "533401372"', ["passport"]),
        ("part C01X00T47 was copied", []),
        ("driving licence MORGA657054SM9IJ", ["driving licence"]),
        ("driver's license D123-4567-8901", ["driving licence"]),
        ("Kennzeichen B-CY 7095", ["number plate"]),
        ("bay B-CY 7095", []),
    ],
)
def test_a_word_names_a_document(text: str, kinds: list[str]) -> None:
    assert [s.kind for s in spans(text)] == kinds
