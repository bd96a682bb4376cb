from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.protection.generalise import Coarseness, DatePrecision, generalise

COARSE = Coarseness(bands=5, rare=2, dates=DatePrecision.YEAR)


def made(name: str, values: object, coarseness: Coarseness = COARSE) -> list[object]:
    return generalise(name, pa.chunked_array([values]), coarseness).to_pylist()


def test_numbers_become_readable_bands() -> None:
    bands = made("age", pa.array([*range(20, 80), None]))
    assert (
        set(bands)
        == {"under 30", "30 to under 40", "40 to under 50", "50 to under 60", "60 to under 70", "70 and over", None}
        or "40 to under 60" in bands
    )
    assert bands[-1] is None


@pytest.mark.parametrize(("precision", "expected"), [("year", [1980, None]), ("month", ["1980-05", None])])
def test_dates_lose_their_day(precision: str, expected: list[object]) -> None:
    coarse = Coarseness(5, 2, DatePrecision(precision))
    assert made("born", pa.array([date(1980, 5, 17), None]), coarse) == expected
    moments = pa.array([date(1980, 5, 17), None]).cast(pa.timestamp("us"))
    assert made("born", moments, coarse) == expected


def test_postcodes_become_areas() -> None:
    codes = ["94105", "94105-1234", "SW1A 1AA", "SW1A 2BB", "1012 AB", "1012", "D-10115", "110001", None]
    coarse = Coarseness(5, 1, DatePrecision.YEAR)
    assert made("zip_code", pa.array(codes), coarse) == ["941", "941", "SW1A", "SW1A", "10", "10", "D", "110", None]
    assert made("zip", pa.array([94105, None]), coarse) == ["941", None]


def test_rare_categories_are_merged() -> None:
    assert made("town", pa.array(["a", "a", "b", None])) == ["a", "a", "other", None]


def test_truth_values_stay() -> None:
    assert made("flag", pa.array([True, None])) == [True, None]


def test_no_value_that_stands_alone_survives() -> None:
    names = [f"person {i}" for i in range(50)]
    assert set(made("who", pa.array(names))) == {"other"}
    assert np.unique(made("x", pa.array(np.ones(5)))).tolist() == ["all"]
