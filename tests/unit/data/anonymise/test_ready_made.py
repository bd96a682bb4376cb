import pytest

from secmlops.core.errors import InputError
from secmlops.data.anonymise.demand import BuiltIn
from secmlops.data.anonymise.ready_made import ready_made

ALL_AGES = [str(age) for age in range(120)]


@pytest.mark.parametrize(
    ("kind", "value", "path"),
    [
        (BuiltIn.AGE, "37", ("37", "35 to 39", "30 to 39", "20 to 39", "0 to 39", "*")),
        (BuiltIn.AGE, "84", ("84", "80 to 84", "80 to 89", "80 and over", "*")),
        (BuiltIn.AGE, "90", ("90", "90 and over", "80 and over", "*")),
        (BuiltIn.POSTCODE, "90210", ("90210", "9021…", "902…", "90…", "9…", "*")),
        (BuiltIn.POSTCODE, "1012 AB", ("1012 AB", "1012…", "101…", "10…", "1…", "*")),
        (BuiltIn.POSTCODE, "SW1A 1AA", ("SW1A 1AA", "SW1A…", "SW1…", "SW…", "S…", "*")),
        (BuiltIn.DATE, "1984-08-30", ("1984-08-30", "1984-08", "1984 Q3", "1984", "1980s", "*")),
        (BuiltIn.DATE, "1984-12-30 10:00:00", ("1984-12-30 10:00:00", "1984-12", "1984 Q4", "1984", "1980s", "*")),
    ],
)
def test_paths(kind: BuiltIn, value: str, path: tuple[str, ...]) -> None:
    others = ALL_AGES if kind is BuiltIn.AGE else []
    assert ready_made(kind, [*others, value], "column").path(value) == path


@pytest.mark.parametrize(("kind", "value"), [(BuiltIn.AGE, "-1"), (BuiltIn.AGE, "old"), (BuiltIn.DATE, "30.8.1984")])
def test_a_value_of_another_kind_is_refused_and_not_told(kind: BuiltIn, value: str) -> None:
    with pytest.raises(InputError, match=f"a value is no {kind}") as refused:
        ready_made(kind, [value], "column")
    assert value not in str(refused.value)
