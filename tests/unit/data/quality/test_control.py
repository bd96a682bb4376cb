from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.quality.control import Quality
from secmlops.data.reading import read_table
from secmlops.testing import check_control
from secmlops.usecases import credit_risk, diagnostics

ROWS = 1_000
RNG = np.random.default_rng(6)
LABEL = RNG.integers(0, 2, ROWS)
COLUMNS = {f"n{i}": values for i, values in enumerate(RNG.normal(50, 5, (6, ROWS)))}


def dataset(task: Task = Task.BINARY, **columns: object) -> DataSet:
    return DataSet("d", pa.table({**COLUMNS, "label": LABEL, **columns}), Digest.of(b""), task, "label")


def told(data: DataSet) -> dict[str, Severity]:
    return {f"{f.rule} {f.where}".strip(): f.severity for f in Quality().examine(data).findings}


def test_a_clean_table_passes_without_a_word() -> None:
    examination = check_control(Quality(), dataset())
    assert examination.outcome is Outcome.PASSED
    assert not examination.findings
    assert set(examination.measures.values()) == {0.0}


def test_every_fault_is_told_where_it_lies() -> None:
    rng = np.random.default_rng(7)
    gap = pa.array(COLUMNS["n0"], mask=(LABEL == 1) & (COLUMNS["n1"] < 50))
    unit, far = COLUMNS["n2"].copy(), COLUMNS["n3"].copy()
    unit[:40] *= 1000
    far[0] = 1e9
    data = dataset(n0=gap, n2=unit, n3=far, age=np.where(np.arange(ROWS) == 5, 900.0, rng.integers(18, 80, ROWS)))
    findings = told(data)
    assert findings["quality.missing-by-label column 'n0'"] is Severity.WARNING
    assert findings["quality.unit column 'n2'"] is Severity.WARNING
    assert findings["quality.outliers column 'n3'"] is Severity.NOTE
    assert findings["quality.impossible column 'age'"] is Severity.WARNING
    measures = Quality().examine(data).measures
    assert measures["missing_by_label_columns"] == measures["unit_columns"] == measures["impossible_values"] == 1
    assert 0.4 < measures["missing_difference"] < 0.6
    assert measures["outlier_cells"] >= 42


def test_a_class_that_may_name_a_person_is_not_quoted() -> None:
    who = np.where(LABEL == 1, "anna.example@example.org", "nobody")
    data = dataset(n0=pa.array(COLUMNS["n0"], mask=LABEL == 1), label=who)
    (finding,) = Quality().examine(data).findings
    assert "of one class" in finding.message
    assert "anna" not in str(finding)


@pytest.mark.parametrize(("copies", "severity"), [(50, Severity.WARNING), (450, Severity.ERROR)])
def test_near_copies_are_told_by_their_share(copies: int, severity: Severity) -> None:
    columns = {name: values.copy() for name, values in COLUMNS.items()}
    for values in columns.values():
        values[-copies:] = values[:copies]
    columns["n0"][-copies:] += 1
    examination = Quality().examine(dataset(**columns))
    assert [f.severity for f in examination.findings] == [severity]
    assert examination.measures["near_duplicate_share"] == copies / ROWS
    assert examination.outcome is (Outcome.FAILED if severity is Severity.ERROR else Outcome.PASSED)


def test_near_copies_of_declared_groups_do_not_fail() -> None:
    columns = {name: np.concatenate([v[:-450], v[:450]]) for name, v in COLUMNS.items()}
    columns["n0"] = columns["n0"] + np.where(np.arange(ROWS) >= ROWS - 450, 1.0, 0.0)
    table = pa.table({**columns, "machine": np.arange(ROWS) % 550, "label": LABEL})
    grouped = DataSet("d", table, Digest.of(b""), Task.BINARY, "label", groups=("machine",))
    assert told(grouped) == {"quality.near-duplicates": Severity.WARNING}


@pytest.mark.parametrize(("copies", "severity"), [(50, Severity.NOTE), (450, Severity.ERROR)])
def test_contradicting_rows_are_told_by_their_share(copies: int, severity: Severity) -> None:
    columns = {name: np.concatenate([v[:-copies], v[:copies]]) for name, v in COLUMNS.items()}
    label = np.concatenate([LABEL[:-copies], 1 - LABEL[:copies]])
    assert told(dataset(**columns, label=label)) == {"quality.contradicting": severity}


def test_the_same_features_may_have_different_quantities() -> None:
    rng = np.random.default_rng(7)
    columns = {name: np.concatenate([v[:-50], v[:50]]) for name, v in COLUMNS.items()}
    examination = Quality().examine(dataset(Task.REGRESSION, **columns, label=rng.normal(size=ROWS)))
    assert examination.measures["contradicting_share"] == 0


def test_a_gap_at_one_end_of_a_quantity_is_told() -> None:
    rng = np.random.default_rng(7)
    label = rng.normal(size=ROWS)
    data = dataset(Task.REGRESSION, n0=pa.array(COLUMNS["n0"], mask=label > 1), label=label)
    (finding,) = Quality().examine(data).findings
    assert "upper half of the label" in finding.message


def test_outliers_that_are_no_exception_fail() -> None:
    far = np.where(np.arange(ROWS) < 150, 1e9 + COLUMNS["n0"], COLUMNS["n0"])
    assert told(dataset(n0=far))["quality.outlier-share"] is Severity.ERROR


@pytest.mark.parametrize("odd", [[np.inf, -np.inf, 1.5], [1e308, -1e308, 0.0], [np.nan, np.inf, 1e-308]])
def test_values_without_end_break_nothing(odd: list[float]) -> None:
    noisy = np.resize(odd, ROWS) * np.linspace(0.5, 1, ROWS)
    measures = Quality().examine(dataset(n0=noisy, n1=np.resize(odd, ROWS), n2=noisy[::-1])).measures
    assert np.isfinite(list(measures.values())).all()


def test_alike_rows_of_a_coarse_table_are_a_note() -> None:
    rng = np.random.default_rng(7)
    coarse = {f"c{i}": rng.integers(0, 3, 400) for i in range(6)}
    data = DataSet("d", pa.table({**coarse, "label": LABEL[:400]}), Digest.of(b""), Task.REGRESSION, "label")
    assert told(data) == {"quality.alike": Severity.NOTE}


@pytest.mark.parametrize(("name", "label"), [("german-credit.csv", "class-label"), ("ai4i2020.csv", "Machine failure")])
def test_real_tables_raise_no_alarm(shared_data: Callable[[str], Path], name: str, label: str) -> None:
    data = shared_data(name).read_bytes()
    dataset = DataSet(name, read_table(data, name).table, Digest.of(data), Task.BINARY, label)
    assert {f.severity for f in Quality().examine(dataset).findings} <= {Severity.NOTE}


def test_the_demos_raise_no_alarm(tmp_path: Path) -> None:
    for case, file, label in ((credit_risk, "applications.csv", "default"), (diagnostics, "nuclei.csv", "diagnosis")):
        case.write(tmp_path, None, 7)
        data = (tmp_path / file).read_bytes()
        dataset = DataSet(file, read_table(data, file).table, Digest.of(data), Task.BINARY, label)
        assert {f.severity for f in Quality().examine(dataset).findings} <= {Severity.NOTE}
