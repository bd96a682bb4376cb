from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.errors import VerificationError
from secmlops.data.anonymise.checker import check_table
from secmlops.data.anonymise.coding import code_sensitive
from secmlops.data.anonymise.demand import Demand, QuasiIdentifier, Sensitive
from secmlops.data.anonymise.hierarchy import Hierarchy
from secmlops.data.anonymise.privacy import (
    Closeness,
    DistinctDiversity,
    EntropyDiversity,
    Ground,
    Model,
    RecursiveDiversity,
)

AGE = ["20 to 29"] * 4 + ["30 to 39"] * 5
JOB = ["{a, b}"] * 4 + ["c"] * 5
DISEASE = ["flu", "flu", "flu", "ulcer", "flu", "ulcer", "asthma", "asthma", "asthma"]
TABLE = pa.table({"age": AGE, "job": JOB, "disease": DISEASE})
QUASI = (QuasiIdentifier("age"), QuasiIdentifier("job"))
GROUPS = Hierarchy.from_nested({"lungs": ["flu", "asthma"], "stomach": ["ulcer"]})


def demand(*models: Model, hierarchy: Hierarchy | None = None) -> Demand:
    return Demand(QUASI, 4, (Sensitive("disease", models, hierarchy),))


def test_what_a_table_keeps_is_found_out() -> None:
    models = DistinctDiversity(2), EntropyDiversity(1.7), RecursiveDiversity(4, 2), Closeness(0.35)
    found = check_table(TABLE, demand(*models))
    assert (found.classes, found.k) == (2, 4)
    assert found.worst["distinct_l disease"] == 2
    assert found.worst["entropy_l disease"] == pytest.approx(np.exp(-0.75 * np.log(0.75) - 0.25 * np.log(0.25)))
    assert found.worst["recursive_c disease"] == 3
    assert found.worst["t disease"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "asked",
    [
        Demand(QUASI, 5),
        demand(DistinctDiversity(3)),
        demand(EntropyDiversity(2)),
        demand(RecursiveDiversity(3, 2)),
        demand(RecursiveDiversity(9, 3)),
        demand(Closeness(0.33)),
        demand(Closeness(0.1, Ground.ORDERED)),
        demand(Closeness(0.1, Ground.HIERARCHICAL), hierarchy=GROUPS),
    ],
)
def test_a_table_that_keeps_less_than_was_asked_for_is_not_let_out(asked: Demand) -> None:
    with pytest.raises(VerificationError, match="does not keep its promise"):
        check_table(TABLE, asked)


def test_one_row_that_differs_in_one_column_is_a_class_of_its_own() -> None:
    changed = TABLE.set_column(1, "job", pa.array(["c", *JOB[1:]]))
    check_table(TABLE, Demand(QUASI, 4))
    with pytest.raises(VerificationError, match="a class of 1 rows"):
        check_table(changed, Demand(QUASI, 4))


def test_the_share_of_present_rows_is_bounded() -> None:
    public = TABLE.append_column("here", pa.array([True, True, False, False, True, True, False, False, False]))
    asked = Demand(QUASI, 2, presence="here", delta=(0.4, 0.5))
    assert check_table(public, asked).worst == {"delta_low": 0.4, "delta_high": 0.5}
    for delta in ((0.41, 0.5), (0.3, 0.45)):
        with pytest.raises(VerificationError, match="out of bounds"):
            check_table(public, replace(asked, delta=delta))
    with pytest.raises(VerificationError, match="a class of 2 rows"):
        check_table(public, replace(asked, k=3))


NESTED = Hierarchy.from_nested({"g": {"h": ["a", "b"], "i": ["c"]}, "j": ["d", "e", "f"]})


@pytest.mark.parametrize("ground", list(Ground))
@pytest.mark.parametrize("missing", [False, True])
def test_both_ways_to_a_distance_agree(ground: Ground, missing: bool) -> None:
    """The matrices of the cutter and the triples of the checker."""
    draws = np.random.default_rng(11)
    hierarchy = NESTED if ground is Ground.HIERARCHICAL else None
    values = draws.choice([*"abcdef", None] if missing else list("abcdef"), 400)
    ages = np.sort(draws.choice([f"{decade}s" for decade in range(20, 90, 10)], 400))
    table = pa.table({"age": pa.array(ages, pa.string()), "s": pa.array(values, pa.string())})
    wanted = Sensitive("s", (Closeness(0.99, ground),), hierarchy)
    found = check_table(table, Demand((QuasiIdentifier("age"),), 2, (wanted,))).worst["t s"]
    codes, kinds, (model,) = code_sensitive(table, wanted)
    assert isinstance(model, Closeness)
    ends = [*np.flatnonzero(ages[1:] != ages[:-1]) + 1, 400]
    counts = np.stack([np.bincount(codes[s:e], minlength=kinds) for s, e in pairwise([0, *ends])])
    assert found == pytest.approx(model.distance(counts, counts.sum(axis=0)).max())
