import re

import pytest

from secmlops.data.recognise.document import DOCUMENT, PLATE


@pytest.mark.parametrize("text", ["C01X00T47", "536904399", "181/815/08155", "A123456780", "P 1234567"])
def test_numbers_of_documents(text: str) -> None:
    assert re.search(DOCUMENT.whole, text)


@pytest.mark.parametrize("text", ["12", "yes", "valid", "Germany", "1.5"])
def test_what_is_no_number_of_a_document(text: str) -> None:
    assert not re.search(DOCUMENT.whole, text)


@pytest.mark.parametrize("text", ["B-CY 7095", "M AB 123", "AB12 CDE", "AB-123-CD"])
def test_number_plates(text: str) -> None:
    assert re.search(PLATE.whole, text)
