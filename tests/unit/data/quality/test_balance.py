from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.prepare import Prepared, prepare
from secmlops.data.quality.balance import Balance, Remedy
from secmlops.data.reading import read_table
from secmlops.testing import check_control


def prepared(label: object, task: Task = Task.BINARY) -> Prepared:
    rng = np.random.default_rng(7)
    rows = len(label)  # type: ignore[arg-type]  # an array
    table = pa.table({"x": rng.normal(size=rows), "label": label})
    return prepare(DataSet("d", table, Digest.of(b""), task, "label"), 0.25, 1)


def told(artifact: Prepared) -> dict[str, Severity]:
    return {f.rule: f.severity for f in Balance().examine(artifact).findings}


def test_equal_classes_need_nothing() -> None:
    examination = check_control(Balance(), prepared(np.arange(2_000) % 2))
    assert not examination.findings
    assert examination.measures["evenness"] == pytest.approx(1, abs=1e-4)
    assert examination.measures["imbalance_ratio"] == pytest.approx(1)
    remedy = msgspec.json.decode(examination.products["remedy"], type=Remedy)
    assert remedy.weights == {"0": pytest.approx(1, abs=0.01), "1": pytest.approx(1, abs=0.01)}
    assert remedy.threshold == pytest.approx(0.5, abs=0.01)


def test_a_rare_event_is_told_with_what_to_do() -> None:
    examination = Balance().examine(prepared(np.arange(20_000) % 50 == 0))
    (finding,) = examination.findings
    assert (finding.rule, finding.severity) == ("balance.rare", Severity.WARNING)
    assert "right in 98." in finding.message
    assert "prior_precision and prior_recall" in finding.hint
    assert "from a probability of 0.02" in finding.hint
    assert examination.outcome is Outcome.PASSED
    assert examination.measures["minority_share"] == pytest.approx(
        0.02, abs=0.002
    )  # of the training rows, as they were drawn
    assert examination.measures["imbalance_ratio"] == pytest.approx(49, abs=5)
    assert examination.measures["majority_accuracy"] == pytest.approx(0.98, abs=0.002)


def test_the_weights_make_all_classes_count_the_same() -> None:
    data = prepared(np.repeat(["a", "b", "c"], [1_000, 300, 60]), Task.MULTICLASS)
    examination = Balance().examine(data)
    weights = msgspec.json.decode(examination.products["remedy"], type=Remedy).weights
    counts = dict(zip(data.signature.classes, np.bincount(data.train.target.astype(int)), strict=True))
    totals = [counts[name] * weights[name] for name in counts]
    assert totals == pytest.approx([len(data.train) / 3] * 3)
    assert "threshold" not in examination.measures
    assert "weight the classes" in examination.findings[-1].hint


@pytest.mark.parametrize(("events", "severity"), [(60, Severity.WARNING), (4, Severity.ERROR)])
def test_few_rows_of_a_class_are_told(events: int, severity: Severity) -> None:
    label = np.arange(400) < events
    assert told(prepared(label))["balance.few"] is severity


def test_a_class_that_may_name_a_person_is_not_quoted() -> None:
    label = np.where(np.arange(400) < 30, "anna.example@example.org", "nobody")
    assert "anna" not in str(Balance().examine(prepared(label)).findings)


def test_a_quantity_of_a_few_rows_is_told() -> None:
    rng = np.random.default_rng(7)
    even = rng.normal(100, 10, 1_000)
    assert told(prepared(even, Task.REGRESSION)) == {}
    few = np.where(np.arange(1_000) < 10, 1e6, even)
    assert told(prepared(few, Task.REGRESSION)) == {"balance.heavy": Severity.WARNING}


@pytest.mark.parametrize(
    ("name", "label", "rules"),
    [("german-credit.csv", "class-label", set()), ("ai4i2020.csv", "Machine failure", {"balance.rare"})],
)
def test_real_tables(shared_data: Callable[[str], Path], name: str, label: str, rules: set[str]) -> None:
    data = shared_data(name).read_bytes()
    dataset = DataSet(name, read_table(data, name).table, Digest.of(data), Task.BINARY, label)
    examination = Balance().examine(prepare(dataset, 0.25, 1))
    assert {f.rule for f in examination.findings} == rules
    assert examination.outcome is Outcome.PASSED
