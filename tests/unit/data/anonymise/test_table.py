import re
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.data.anonymise import table as module
from secmlops.data.anonymise.demand import BuiltIn, Demand, QuasiIdentifier, Representation, Sensitive
from secmlops.data.anonymise.hierarchy import Hierarchy
from secmlops.data.anonymise.privacy import Closeness, DistinctDiversity, EntropyDiversity, Ground, RecursiveDiversity
from secmlops.data.anonymise.table import Anonymised, anonymise

ROWS = 2_000
DRAWS = np.random.default_rng(12)
AGE = DRAWS.integers(18, 90, ROWS)
INCOME = DRAWS.gamma(2, 20_000, ROWS).round()
CITY = DRAWS.choice(["Delft", "Ghent", "Kobe", "Nara", "Lima"], ROWS, p=[0.5, 0.3, 0.1, 0.07, 0.03])
DISEASE = DRAWS.choice(["flu", "ulcer", "asthma", "cancer"], ROWS, p=[0.5, 0.25, 0.15, 0.1])
LABEL = (AGE / 90 + DRAWS.random(ROWS) > 1.1).astype(int)
TABLE = pa.table(
    {
        "age": AGE,
        "income": INCOME,
        "city": pa.array(CITY, pa.string()),
        "disease": pa.array(DISEASE, pa.string()),
        "label": LABEL,
        "row": np.arange(ROWS),
    }
)
QUASI = (QuasiIdentifier("age"), QuasiIdentifier("income"), QuasiIdentifier("city"))
PLACES = Hierarchy.from_nested({"Europe": ["Delft", "Ghent"], "Asia": ["Kobe", "Nara"], "America": ["Lima"]})


def classes_of(made: Anonymised) -> Counter[tuple[Any, ...]]:
    return Counter(zip(*(made.table[q.column].to_pylist() for q in QUASI), strict=True))


def test_each_class_has_k_rows_and_tells_the_truth() -> None:
    made = anonymise(TABLE, Demand(QUASI, 10))
    assert min(classes_of(made).values()) >= 10
    assert made.table["row"].to_pylist() == list(range(ROWS))
    for age, city, kept_age, kept_city in zip(
        AGE, CITY, made.table["age"].to_pylist(), made.table["city"].to_pylist(), strict=True
    ):
        low, high = (kept_age.split(" to ") * 2)[:2] if kept_age != "*" else (0, 99)
        assert int(low) <= age <= int(high)
        assert kept_city == "*" or city in re.findall(r"\w+", kept_city)


def test_the_report_agrees_with_the_table() -> None:
    made = anonymise(TABLE, Demand(QUASI, 10))
    sizes = np.array(list(classes_of(made).values()))
    assert made.guarantees.k == sizes.min() == round(1 / made.risk.prosecutor)
    assert made.guarantees.classes == len(sizes)
    assert made.risk.marketer == pytest.approx(len(sizes) / ROWS)
    assert made.loss.average_class == pytest.approx(ROWS / len(sizes) / 10)
    assert 0 < made.loss.penalty < 0.3


def test_the_models_hold_in_every_class() -> None:
    models = DistinctDiversity(3), EntropyDiversity(2.2), RecursiveDiversity(3, 2), Closeness(0.3)
    made = anonymise(TABLE, Demand(QUASI, 5, (Sensitive("disease", models),)))
    values = made.table["disease"].to_pylist()
    for group in range(made.classes.max() + 1):
        counts = Counter(value for value, c in zip(values, made.classes, strict=True) if c == group)
        shares = np.array(sorted(counts.values(), reverse=True)) / counts.total()
        assert len(shares) >= 3
        assert np.exp(-np.sum(shares * np.log(shares))) >= 2.2 - 1e-9
        assert shares[0] < 3 * shares[1:].sum()
    assert made.guarantees.worst["t disease"] <= 0.3
    assert made.guarantees.classes > 30


@pytest.mark.parametrize("ground", [Ground.ORDERED, Ground.HIERARCHICAL])
def test_closeness_by_order_and_by_hierarchy(ground: Ground) -> None:
    groups = Hierarchy.from_nested({"mild": ["flu"], "grave": ["ulcer", "asthma", "cancer"]})
    wanted = Sensitive("disease", (Closeness(0.15, ground),), groups if ground is Ground.HIERARCHICAL else None)
    made = anonymise(TABLE, Demand(QUASI, 5, (wanted,)))
    assert made.guarantees.worst["t disease"] <= 0.15
    assert made.guarantees.classes > 30


def test_a_hierarchy_gives_its_groups() -> None:
    quasi = (QuasiIdentifier("age", BuiltIn.AGE), QuasiIdentifier("income"), QuasiIdentifier("city", PLACES))
    made = anonymise(TABLE.filter(pa.array(CITY != "Lima")), Demand(quasi, 150))
    assert set(made.table["city"].to_pylist()) <= set(PLACES.parent) | {"*"}
    assert "Asia" in made.table["city"].to_pylist()
    assert any(re.fullmatch(r"\d\d to \d[49]", age) for age in made.table["age"].to_pylist())


def test_a_dear_column_keeps_more_detail() -> None:
    plain = anonymise(TABLE, Demand(QUASI, 10)).loss.by_column["income"]
    dear = (QuasiIdentifier("age"), QuasiIdentifier("income", weight=10.0), QuasiIdentifier("city"))
    assert anonymise(TABLE, Demand(dear, 10)).loss.by_column["income"] < plain / 2


def test_what_tells_of_the_label_keeps_more_detail() -> None:
    plain = anonymise(TABLE, Demand(QUASI, 10)).loss.by_column["age"]
    spared = anonymise(TABLE, Demand(QUASI, 10, label="label", label_weight=0.75))
    assert spared.loss.by_column["age"] < plain / 2


def test_the_centre_of_a_class_has_the_type_of_the_column_and_the_mean_of_its_values() -> None:
    made = anonymise(TABLE, Demand(QUASI, 10, representation=Representation.CENTRE))
    assert min(classes_of(made).values()) >= 10
    assert np.mean(made.table["income"].to_numpy()) == pytest.approx(INCOME.mean())
    assert set(made.table["city"].to_pylist()) <= set(CITY)


def test_outliers_are_left_out_within_the_limit_and_only_if_it_pays() -> None:
    income = INCOME.copy()
    income[:5] = np.arange(1, 6) * 1e6
    table = TABLE.set_column(1, "income", pa.array(income))
    whole, less = (anonymise(table, Demand(QUASI, 10, suppress=share)) for share in (0.0, 0.01))
    assert whole.loss.suppressed == 0
    assert 0 < less.loss.suppressed <= 0.01
    assert less.loss.penalty < whole.loss.penalty
    assert less.table["row"].to_pylist() == np.flatnonzero(less.classes >= 0).tolist()
    assert min(classes_of(less).values()) >= 10


def test_delta_presence_hides_who_is_in_the_data_set() -> None:
    present = DRAWS.random(ROWS) < np.where(CITY == "Lima", 0.9, 0.3)
    table = TABLE.append_column("here", pa.array(present))
    made = anonymise(table, Demand(QUASI, 5, presence="here", delta=(0.1, 0.6)))
    assert "here" not in made.table.column_names
    assert made.table["row"].to_pylist() == np.flatnonzero(present).tolist()
    assert min(classes_of(made).values()) >= 5
    assert 0.1 <= made.guarantees.worst["delta_low"] <= made.guarantees.worst["delta_high"] <= 0.6
    assert made.risk.journalist < made.risk.prosecutor


def test_the_same_demand_gives_the_same_table() -> None:
    wanted = Demand(QUASI, 7, (Sensitive("disease", (DistinctDiversity(2),)),), suppress=0.02, label="label")
    assert anonymise(TABLE, wanted).table.equals(anonymise(TABLE, wanted).table)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"k": ROWS + 1}, r"k is 2001, but the table has 2,000 rows"),
        ({"sensitive": (Sensitive("disease", (DistinctDiversity(5),)),)}, "not even the table as one class"),
        ({"quasi_identifiers": (QuasiIdentifier("age"), QuasiIdentifier("nobody"))}, "'nobody' is no column"),
        ({"sensitive": (Sensitive("nothing", ()),)}, "'nothing' is no column"),
        ({"label": "nothing"}, "'nothing' is no column"),
        ({"quasi_identifiers": (QuasiIdentifier("city", Hierarchy({"Delft": "*"})),)}, "hole"),
    ],
)
def test_a_demand_that_cannot_be_met(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        anonymise(TABLE, Demand(**{"quasi_identifiers": QUASI, "k": 5} | settings))


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(InputError, match="0 rows"):
        anonymise(TABLE.slice(0, 0), Demand(QUASI, 2))


def test_a_table_that_fails_its_check_is_not_let_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "partition", lambda rules, values: np.arange(values.shape[1]) // 9)
    with pytest.raises(VerificationError, match="promise"):
        anonymise(TABLE, Demand(QUASI, 10))


def test_leaving_rows_out_never_leaves_fewer_than_k() -> None:
    table = pa.table({"age": [30] * 5 + [99], "city": ["Delft"] * 4 + ["Nara", "Delft"]})
    made = anonymise(table, Demand((QuasiIdentifier("age"), QuasiIdentifier("city")), 6, suppress=0.3))
    assert made.table.num_rows == 6
