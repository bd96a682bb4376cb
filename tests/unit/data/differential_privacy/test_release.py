"""The released table: near the truth as often as it says, never nearer than the noise allows."""

import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.data.differential_privacy.query import Mean, Query
from secmlops.data.differential_privacy.release import Mechanisms, release
from secmlops.data.differential_privacy.tallies import STEPS, Tally

PURE = PrivacyLoss(1.0)


def released(exact, query):
    return release(exact, query, Mechanisms.of(query))


def test_means_lie_within_their_half_width_as_often_as_told():
    """Many equal groups in one release: each true mean is -1, half of the cells hold few rows."""
    names = tuple(str(n) for n in range(4_000))
    query = Query(PURE, ("g",), (Mean("x", -2, 6),), {"g": names})
    step = round(-0.75 * STEPS)
    exact = {(n,): Tally(size, (step * size,)) for n, size in zip(names, [40, 400] * 2_000, strict=True)}
    table = released(exact, query).table
    off = np.abs(table["x_mean"].to_numpy() + 1)
    assert (off <= table["x_mean_half_width"].to_numpy() + 1e-9).mean() >= 0.95
    assert 0.01 < np.median(off) < 1
    counts = table["count"].to_numpy() - np.array([exact[(name,)].count for name in table["g"].to_pylist()])
    assert (np.abs(counts) <= table["count_half_width"][0].as_py()).mean() == pytest.approx(0.97, abs=0.02)


def test_a_mean_stays_within_its_bounds_and_is_none_of_nobody():
    names = tuple(str(n) for n in range(300))
    query = Query(PrivacyLoss(0.1), ("g",), (Mean("x", 0, 1),), {"g": names})
    table = released({(n,): Tally(0, (0,)) for n in names}, query).table
    means, counts = table["x_mean"].to_pylist(), table["count"].to_pylist()
    assert {mean is None for mean, count in zip(means, counts, strict=True) if count <= 0} == {True}
    assert all(mean is None or 0 <= mean <= 1 for mean in means)
    assert max(table["x_mean_half_width"].to_pylist()) == 1.0
    assert min(counts) < 0, "counts are told as drawn: cutting them at 0 would make their sum wrong"


def test_groups_that_are_not_public_are_told_only_beyond_the_threshold():
    query = Query(PrivacyLoss(2.0, 1e-9), ("g",), (Mean("x", 0, 1),))
    exact = {("big",): Tally(5_000, (0,)), (None,): Tally(900, (0,)), ("rare",): Tally(1, (0,))}
    made = released(exact, query)
    assert made.table["g"].to_pylist() == [None, "big"]
    assert made.threshold > 10
    assert made.table.column_names == ["g", "count", "count_half_width", "x_mean", "x_mean_half_width"]
    assert released({}, query).table.num_rows == 0


def test_epsilon_is_divided_among_counts_and_means():
    alone, shared = Mechanisms.of(Query(PURE)), Mechanisms.of(Query(PURE, (), (Mean("x", 0, 1), Mean("y", 0, 1))))
    assert shared.counts.scale == pytest.approx(3 * alone.counts.scale)
    assert shared.sums is not None
    assert shared.sums.scale == pytest.approx(3 * STEPS)
    assert alone.sums is None


def test_no_group_is_one_group():
    table = released({(): Tally(50_000, ())}, Query(PURE)).table
    assert abs(table["count"][0].as_py() - 50_000) < 100
    assert table.schema.field("count").type == pa.int64()
