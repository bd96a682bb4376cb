"""What may be asked, and what contradicts itself."""

import pyarrow as pa
import pytest

from secmlops.core.errors import InputError
from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.data.differential_privacy.query import MAX_CELLS, Mean, Query

PURE, WITH_DELTA = PrivacyLoss(1.0), PrivacyLoss(1.0, 1e-9)
TABLE = pa.table({"region": ["a", "b"], "age": [1, 2], "paid": [True, False]})


def test_public_groups_are_every_combination():
    query = Query(PURE, ("a", "b"), keys={"a": ("1", "2"), "b": ("x", "y", "z")})
    assert len(query.groups) == 6
    assert query.groups[1] == ("1", "y")
    assert Query(PURE).groups == ((),)


def test_groups_that_are_not_public_need_a_delta_and_others_must_not_waste_one():
    with pytest.raises(InputError, match="not public"):
        Query(PURE, ("region",))
    with pytest.raises(InputError, match="for nothing"):
        Query(WITH_DELTA, ("region",), keys={"region": ("a",)})
    assert Query(WITH_DELTA, ("region", "age"), keys={"region": ("a",)}).hidden == ("age",)


@pytest.mark.parametrize(
    "asked",
    [
        {"loss": PrivacyLoss(0.0)},
        {"rows_per_person": 0},
        {"rows_per_person": 1_001},
        {"group_by": ("a", "a"), "keys": {"a": ("1",)}},
        {"means": (Mean("age", 0, 1), Mean("age", 0, 2))},
        {"group_by": ("count",), "keys": {"count": ("1",)}},
        {"keys": {"age": ("1",)}},
        {"group_by": ("a",), "keys": {"a": ()}},
        {"group_by": ("a",), "keys": {"a": ("1", "1")}},
        {"group_by": ("a", "b"), "keys": {k: tuple(map(str, range(MAX_CELLS // 900))) for k in "ab"}},
    ],
)
def test_what_contradicts_itself_is_refused(asked):
    with pytest.raises(InputError):
        Query(**{"loss": PURE, **asked})


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (float("nan"), 1), (0, float("inf"))])
def test_bounds_that_bound_nothing_are_refused(low, high):
    with pytest.raises(InputError, match="no bounds"):
        Mean("age", low, high)


def test_columns_are_there_and_means_are_of_numbers():
    Query(PURE, means=(Mean("age", 0, 9), Mean("paid", 0, 1))).check(TABLE, "t.csv")
    with pytest.raises(InputError, match="no column 'income'"):
        Query(PURE, means=(Mean("income", 0, 1),)).check(TABLE, "t.csv")
    with pytest.raises(InputError, match="no numbers"):
        Query(PURE, means=(Mean("region", 0, 1),)).check(TABLE, "t.csv")
