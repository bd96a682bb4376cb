import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.data.anonymise.control import AnonymisationOrder, Anonymise
from secmlops.data.anonymise.demand import Demand, QuasiIdentifier, Sensitive
from secmlops.data.anonymise.privacy import Closeness, DistinctDiversity
from secmlops.data.dataset import DataSet
from secmlops.design.catalogue import catalogue

DRAWS = np.random.default_rng(13)
ROWS = 400
COLUMNS = {
    "age": DRAWS.integers(18, 90, ROWS),
    "city": pa.array(DRAWS.choice(["Delft", "Ghent", "Kobe"], ROWS), pa.string()),
    "disease": pa.array(DRAWS.choice(["flu", "ulcer", "asthma"], ROWS), pa.string()),
    "label": DRAWS.integers(0, 2, ROWS),
}
QUASI = (QuasiIdentifier("age"), QuasiIdentifier("city"))


def order(k: int = 10, **more: object) -> AnonymisationOrder:
    dataset = DataSet("d", pa.table({**COLUMNS, **more}), Digest.of(b""), Task.BINARY, "label")
    sensitive = Sensitive("disease", (DistinctDiversity(2), Closeness(0.3)))
    return AnonymisationOrder(dataset, Demand(QUASI, k, (sensitive,), label="label"))


def test_the_table_goes_on_and_the_measures_are_numbers_a_gate_can_read() -> None:
    examination = Anonymise().examine(order())
    assert examination.outcome is Outcome.PASSED
    assert not examination.findings
    assert examination.measures["k"] >= 10
    assert examination.measures["distinct_l"] >= 2
    assert examination.measures["t"] <= 0.3
    assert examination.measures["prosecutor_risk"] == pytest.approx(1 / examination.measures["k"])
    assert 0 < examination.measures["penalty"] < 1
    table = pq.read_table(BytesIO(examination.products["anonymised"]))
    counts = table.group_by(["age", "city"]).aggregate([([], "count_all")])["count_all"].to_pylist()
    assert min(counts) == examination.measures["k"]


def test_where_nothing_is_demanded_nothing_is_claimed() -> None:
    examination = Anonymise().examine(replace(order(), demand=None))
    assert examination.outcome is Outcome.PASSED
    assert examination.measures == {Anonymise.acts_on: 0.0}
    assert not examination.products


def test_the_same_order_gives_the_same_bytes() -> None:
    assert Anonymise().examine(order()).products == Anonymise().examine(order()).products


@pytest.mark.parametrize(("k", "outcome"), [(2, Outcome.PASSED), (4, Outcome.PASSED), (5, Outcome.PASSED)])
def test_a_high_risk_is_told(k: int, outcome: Outcome) -> None:
    examination = Anonymise().examine(order(k))
    assert examination.outcome is outcome
    assert [f.rule for f in examination.findings] == ([] if k == 5 else ["anonymise.risk"])
    assert Anonymise(risk_error=0.1).examine(order(k)).outcome is Outcome.FAILED


@pytest.mark.parametrize("values", [list(range(ROWS)), [f"person {i}" for i in range(ROWS)]])
def test_a_column_that_tells_every_row_apart_undoes_it(values: list[object]) -> None:
    examination = Anonymise().examine(order(number=values))
    assert examination.outcome is Outcome.FAILED
    assert [(f.rule, f.where) for f in examination.findings] == [("anonymise.identifier", "column 'number'")]
    assert not examination.products


def test_a_measurement_that_happens_to_be_unique_is_no_identifier() -> None:
    assert Anonymise().examine(order(height=DRAWS.normal(size=ROWS))).outcome is Outcome.PASSED


def of_persons(protect: dict[str, str], each: int = 1) -> AnonymisationOrder:
    person = pa.array([f"p{i // each:04}" for i in range(ROWS)], pa.string())
    table = pa.table({**COLUMNS, "person": person})
    dataset = DataSet("d", table, Digest.of(b""), Task.BINARY, "label", subject_id="person", protect=protect)
    return AnonymisationOrder(dataset, Demand(QUASI, 10))


def test_pseudonyms_of_persons_may_stay_and_are_told_of() -> None:
    examination = Anonymise().examine(of_persons({"person": "pseudonymise"}))
    assert examination.outcome is Outcome.PASSED
    assert [f.rule for f in examination.findings] == ["anonymise.linked"]
    assert examination.measures["persons"] == examination.measures["k"]


def test_a_column_that_names_persons_in_clear_undoes_it() -> None:
    examination = Anonymise().examine(of_persons({}, each=2))
    assert [(f.rule, f.where) for f in examination.findings] == [("anonymise.identifier", "column 'person'")]
    assert not examination.products


def test_where_rows_are_of_few_persons_classes_are_counted_in_persons() -> None:
    examination = Anonymise().examine(of_persons({"person": "pseudonymise"}, each=20))
    assert examination.outcome is Outcome.PASSED
    assert examination.measures["persons"] >= 10
    assert examination.measures["prosecutor_risk"] == pytest.approx(1 / examination.measures["persons"])


def test_the_loss_is_told_by_column() -> None:
    examination = Anonymise().examine(order())
    by_column = json.loads(examination.products["loss"])
    assert set(by_column) == {"age", "city"}
    assert sum(by_column.values()) / 2 == pytest.approx(examination.measures["penalty"])


def test_its_threats_are_in_the_catalogue() -> None:
    assert not catalogue().unknown((*Anonymise.threats, *Anonymise.reduces))
