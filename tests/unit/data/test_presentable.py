import pytest

from secmlops.data.presentable import is_presentable, presented


@pytest.mark.parametrize("text", ["good", "yes", "1", "radio/television", "Iris-setosa", "50000+"])
def test_names_of_classes_are_shown(text: str) -> None:
    assert is_presentable(text)


@pytest.mark.parametrize(
    "text",
    [
        "Andreas Andersson",
        "anna@example.org",
        "anna\u200b@example.org",
        "+49 30 23125 100",
        "DE89 3704 0044 0532 0130 00",
        "Lindenstraße 12",
        "born 17.05.1980",
        "x" * 41,
    ],
)
def test_values_of_persons_are_not(text: str) -> None:
    assert not is_presentable(text)


def test_few_values_under_a_header_that_names_no_person() -> None:
    assert presented(["bad", "good"], "risk") == "'bad', 'good'"
    assert presented(list("abcdef"), "risk") == ""
    assert presented(["Zyx", "Xyz"], "full_name") == ""
    assert presented(["bad", "Anna Schmidt"], "risk") == ""
