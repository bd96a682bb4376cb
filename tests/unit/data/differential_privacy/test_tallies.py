"""No person changes the tallies by more than the noise hides: however many rows they have, and whatever is in them."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.digest import Digest
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.data.differential_privacy.persons import Source, bounded
from secmlops.data.differential_privacy.query import Mean, Query
from secmlops.data.differential_privacy.tallies import STEPS, tallies

SUBJECT = Subject(SubjectKind.DATASET, "t.csv", Digest.of(b""))
LOSS = PrivacyLoss(1.0, 1e-9)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob", "eve", " eve", "", None]),
        st.sampled_from(["n", "s", None]),
        st.none() | st.floats(allow_nan=True, allow_infinity=True),
    ),
    max_size=25,
)


def source(rows, subject_id="who"):
    who, region, value = zip(*rows, strict=True) if rows else ((), (), ())
    table = {"who": pa.array(who, pa.string()), "region": pa.array(region, pa.string())}
    return Source(SUBJECT, pa.table({**table, "value": pa.array(value, pa.float64())}), subject_id)


@settings(max_examples=80, deadline=None)
@given(ROWS, st.integers(1, 4), st.booleans())
def test_all_rows_of_a_person_change_counts_and_sums_by_what_is_promised_at_most(rows, most, means):
    query = Query(LOSS, ("region",), (Mean("value", -3, 5),) if means else (), rows_per_person=most)
    without = [row for row in rows if (row[0] or "").strip() != "eve"]
    a, b = (tallies(bounded(source(r), most), query) for r in (rows, without))
    groups = {*a, *b}

    def count(of, group):
        return of[group].count if group in of else 0

    def total(of, group):
        return of[group].sums[0] if group in of else 0

    changed = [abs(count(a, group) - count(b, group)) for group in groups]
    assert sum(changed) <= most
    assert len([c for c in changed if c]) <= most
    if means:
        assert sum(abs(total(a, group) - total(b, group)) for group in groups) <= most * STEPS


def test_the_first_rows_of_a_person_count_and_rows_of_nobody_do_not():
    rows = [
        ("ada", "n", 1.0),
        ("ada", "s", 2.0),
        (None, "n", 9.0),
        ("bob", "s", 3.0),
        ("  ", "n", 9.0),
        (" ada", "n", 4.0),
    ]
    assert bounded(source(rows), 1)["value"].to_pylist() == [1.0, 3.0]
    assert bounded(source(rows), 2)["value"].to_pylist() == [1.0, 2.0, 3.0]
    assert bounded(source(rows, None), 1).num_rows == 6
    assert bounded(source([]), 1).num_rows == 0


def test_counts_and_sums_are_right():
    draw = np.random.default_rng(3)
    region, value = draw.choice(["n", "s"], 500), draw.normal(0, 4, 500)
    query = Query(LOSS, ("region",), (Mean("value", -3, 5),))
    rows = [(None, r, v) for r, v in zip(region.tolist(), value.tolist(), strict=True)]
    for (name,), tally in tallies(source(rows, None).table, query).items():
        clamped = np.clip(value[region == name], -3, 5)
        assert tally.count == (region == name).sum()
        assert tally.sums[0] / STEPS * 4 + tally.count * 1 == pytest.approx(clamped.sum(), abs=1e-3)


def test_values_beyond_the_bounds_count_as_the_bounds_and_gaps_not_at_all():
    rows = [(None, "n", v) for v in (-1e300, float("inf"), None, float("nan"))]
    (tally,) = tallies(source(rows, None).table, Query(PrivacyLoss(1.0), (), (Mean("value", 0, 1),))).values()
    assert (tally.count, tally.sums) == (2, (0,))


def test_public_groups_are_all_there_and_no_others():
    query = Query(PrivacyLoss(1.0), ("region",), keys={"region": ("n", "x")})
    found = tallies(source([(None, "n", 1.0), (None, "s", 1.0), (None, None, 1.0)], None).table, query)
    assert {group: tally.count for group, tally in found.items()} == {("n",): 1, ("x",): 0}
    partly = Query(LOSS, ("region", "who"), keys={"region": ("n",)})
    assert list(tallies(source([("a", "n", 1.0), ("b", "s", 1.0)]).table, partly)) == [("n", "a")]


def test_numbers_truths_and_dates_can_name_groups():
    table = pa.table({"k": [1.0, 1.0, 2.5], "b": [True, False, True], "d": [date(2026, 1, 1)] * 3})
    found = tallies(table, Query(LOSS, ("k", "b", "d"), (Mean("b", 0, 1),)))
    assert ("1", "true", "2026-01-01") in found
    assert found["2.5", "true", "2026-01-01"].sums == (STEPS,)
