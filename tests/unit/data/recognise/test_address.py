import re

import pytest

from secmlops.data.recognise.address import POSTCODE, is_street


@pytest.mark.parametrize(
    "text",
    [
        "221b Baker Street, London",
        "1600 Long Oak Ave",
        "Lindenstraße 12",
        "Am Kirchplatz 3a",
        "12 rue de la Paix",
        "Via Roma 7",
    ],
)
def test_streets(text: str) -> None:
    assert is_street(text)


@pytest.mark.parametrize("text", ["12 apples a day", "ring size 7", "Main office", "2024-01-01 10:00"])
def test_what_is_no_street(text: str) -> None:
    assert not is_street(text)


@pytest.mark.parametrize("text", ["10115", "94105-1234", "SW1A 1AA", "K1A 0B1", "1012 AB", "D-10115"])
def test_postcodes(text: str) -> None:
    assert re.search(POSTCODE.whole, text)
