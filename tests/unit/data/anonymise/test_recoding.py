from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.anonymise.coding import code_attribute
from secmlops.data.anonymise.demand import BuiltIn, QuasiIdentifier, Representation
from secmlops.data.anonymise.recoding import recode

CLASSES = np.array([0, 0, 1, 1, 2, 2])


def recoded(values: list[object], representation: Representation, hierarchy: BuiltIn | None = None) -> list[object]:
    column = pa.chunked_array([pa.array(values)])
    coded = code_attribute(pa.table({"c": column}), QuasiIdentifier("c", hierarchy))
    kept = recode(coded, CLASSES, column.type, representation)
    return kept.to_pylist()[::2]


@pytest.mark.parametrize(
    ("values", "ranges", "centres"),
    [
        ([1, 4, 7, 7, 2, None], ["1 to 4", "7", "*"], [2.5, 7.0, 2.0]),
        ([None, None, 7, 7, 2, 2], [None, "7", "2"], [None, 7.0, 2.0]),
        ([0.5, 4.0, 7.25, 7.25, -1.0, 2.0], ["0.5 to 4", "7.25", "-1 to 2"], [2.25, 7.25, 0.5]),
        (
            [date(2020, 1, 1), date(2020, 1, 3), *[date(1950, 5, 5)] * 4],
            ["2020-01-01 to 2020-01-03", "1950-05-05", "1950-05-05"],
            [date(2020, 1, 2), date(1950, 5, 5), date(1950, 5, 5)],
        ),
        (["a", "b", "b", "b", "c", "d"], ["{a, b}", "b", "{c, d}"], ["b", "b", "c"]),
        (["a", None, None, None, "a", "d"], ["{(missing), a}", None, "{a, d}"], [None, None, "a"]),
        ([True, False, True, True, False, False], ["*", "true", "false"], [True, True, False]),
    ],
)
def test_what_a_class_keeps(values: list[object], ranges: list[object], centres: list[object]) -> None:
    assert recoded(values, Representation.RANGE) == ranges
    assert recoded(values, Representation.CENTRE) == centres


def test_moments_keep_their_precision() -> None:
    moments = [datetime.fromisoformat(f"2020-01-01T10:00:0{second}") for second in (1, 1, 2, 4, 7, 9)]
    assert recoded(moments, Representation.CENTRE) == [
        moments[0],
        datetime.fromisoformat("2020-01-01T10:00:03"),
        datetime.fromisoformat("2020-01-01T10:00:08"),
    ]
    assert str(recoded(moments, Representation.RANGE)[0]).startswith("2020-01-01 10:00:01")


def test_the_lowest_common_group_is_kept() -> None:
    kept = recoded([31, 33, 31, 38, None, None], Representation.RANGE, BuiltIn.AGE)
    assert kept == ["30 to 34", "30 to 39", None]
    assert recoded([31, None, 31, 38, 31, 77], Representation.RANGE, BuiltIn.AGE) == ["*", "30 to 39", "*"]
