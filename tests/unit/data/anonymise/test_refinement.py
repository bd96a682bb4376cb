import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.data.anonymise import refinement
from secmlops.data.anonymise.coded import code_table
from secmlops.data.anonymise.demand import Demand, QuasiIdentifier, Sensitive
from secmlops.data.anonymise.hierarchy import Hierarchy
from secmlops.data.anonymise.loss import measure_loss
from secmlops.data.anonymise.mondrian import partition
from secmlops.data.anonymise.privacy import Closeness, DistinctDiversity
from secmlops.data.anonymise.refinement import refined

PLACES = Hierarchy.from_nested({"west": ["a", "b"], "east": ["c", "d"]})
QUASI = (QuasiIdentifier("age"), QuasiIdentifier("city"), QuasiIdentifier("place", PLACES, 2.0))


def people(rows: int, seed: int) -> pa.Table:
    draw = np.random.default_rng(seed)
    return pa.table(
        {
            "age": pa.array(np.round(draw.gamma(3, 12, rows)), mask=draw.random(rows) < 0.05),
            "city": pa.array(draw.choice(["x", "y", "z"], rows), pa.string()),
            "place": pa.array(draw.choice(["a", "b", "c", "d"], rows), pa.string()),
            "ill": pa.array(draw.choice(["p", "q", "r"], rows, p=[0.6, 0.3, 0.1]), pa.string()),
        }
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(20, 120), st.integers(2, 6), st.integers(0, 2**16))
def test_a_move_never_loses_and_breaks_no_rule(rows: int, k: int, seed: int) -> None:
    table = people(rows, seed)
    models = (DistinctDiversity(2), Closeness(0.6))
    demand = Demand(QUASI, k, (Sensitive("ill", models),))
    if len(set(table["ill"].to_pylist())) < 2:
        return
    coded = code_table(table, demand)
    rules = coded.rules(np.arange(rows), demand)
    before = partition(rules, coded.values)
    after = refined(rules, coded.values, before)

    def weighted(classes: np.ndarray) -> float:
        lost = measure_loss(coded.attributes, classes, coded.member, k).by_column
        return lost["age"] + lost["city"] + 2 * lost["place"]

    assert weighted(after) <= weighted(before) + 1e-9
    assert np.bincount(after).min() >= k
    ill = table["ill"].to_pylist()
    for one in range(int(after.max()) + 1):
        assert len({ill[row] for row in np.flatnonzero(after == one)}) >= 2


def test_it_helps_a_small_table() -> None:
    table = people(300, 1)
    demand = Demand(QUASI[:2], 5)
    coded = code_table(table, demand)
    rules = coded.rules(np.arange(300), demand)
    before = partition(rules, coded.values)
    lost = [
        measure_loss(coded.attributes, c, coded.member, 5).penalty
        for c in (before, refined(rules, coded.values, before))
    ]
    assert lost[1] < 0.99 * lost[0]


def test_a_large_table_is_left_as_it_was_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    demand = Demand(QUASI[:1], 5)
    coded = code_table(people(100, 2), demand)
    rules = coded.rules(np.arange(100), demand)
    before = partition(rules, coded.values)
    monkeypatch.setattr(refinement, "MOST_PAIRS", 99)
    assert refined(rules, coded.values, before) is before
