import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.leakage.control import Leakage
from secmlops.data.prepare import Prepared, prepare
from secmlops.data.reading import read_table

ROWS = 600
DRAWS = np.random.default_rng(2)
LABEL = (DRAWS.random(ROWS) < 0.3).astype(np.int64)
NOISE, OTHER, THIRD = DRAWS.normal(size=(3, ROWS))
UNIFORM, SECOND = DRAWS.random(size=(2, ROWS))
AMOUNTS = DRAWS.integers(0, 10**6, ROWS)


def prepared(task: Task = Task.BINARY, subject_id: str | None = None, **columns: object) -> Prepared:
    table = pa.table({"noise": NOISE, "label": LABEL, **columns})
    return prepare(DataSet("d", table, Digest.of(b""), task, "label", subject_id=subject_id), 0.3, 1)


def told(examination_of: Prepared) -> dict[str, Severity]:
    return {f"{f.rule} {f.where}".strip(): f.severity for f in Leakage().examine(examination_of).findings}


def test_an_honest_table_passes() -> None:
    examination = Leakage().examine(prepared(signal=LABEL + OTHER))
    assert examination.outcome is Outcome.PASSED
    assert not examination.findings
    assert 0.6 < examination.measures["strongest_feature_auc"] < 0.9
    assert examination.measures["shared_rows"] == 0


@pytest.mark.parametrize(
    "leak",
    [LABEL + 0.0, LABEL + OTHER / 20, -LABEL * 7, np.where(LABEL, "a", "b"), np.abs(LABEL * 2.0 - 0.5)],
)
def test_a_feature_that_is_the_label_in_disguise_fails(leak: np.ndarray) -> None:
    assert told(prepared(leak=leak)) == {"leakage.feature column 'leak'": Severity.ERROR}


def test_a_feature_that_is_high_where_the_label_is_not_monotone_is_seen() -> None:
    leak = np.where(LABEL == 1, np.sign(OTHER), 0.0) + OTHER / 20
    assert "leakage.feature column 'leak'" in told(prepared(leak=leak))


def test_a_very_strong_feature_is_warned_about() -> None:
    assert told(prepared(strong=LABEL + OTHER / 3)) == {"leakage.feature column 'strong'": Severity.WARNING}


def test_a_flag_that_is_only_set_for_a_rare_class_fails() -> None:
    rare = (UNIFORM < 0.1).astype(np.int64)
    flag = rare * (SECOND < 0.5)
    findings = told(prepared(label=rare, flag=flag))
    assert findings == {"leakage.telltale column 'flag'": Severity.ERROR}


def test_what_a_telltale_value_goes_with_is_named() -> None:
    rare = (UNIFORM < 0.1).astype(np.int64)
    (finding,) = Leakage().examine(prepared(label=rare, flag=rare * (SECOND < 0.5))).findings
    assert re.fullmatch(r"flag = '1' goes with class '1' in (\d+) of \1 training rows", finding.message)


def test_a_telltale_value_that_may_be_of_a_person_is_not_quoted() -> None:
    rare = (UNIFORM < 0.1).astype(np.int64)
    who = np.where(rare * (SECOND < 0.5), "anna.example@example.org", "nobody")
    (finding,) = Leakage().examine(prepared(label=rare, contact=who)).findings
    assert finding.message.startswith("one of its values goes with class '1' in ")
    assert "anna" not in str(finding)


def test_a_sensitive_column_that_the_model_sees_is_warned_about() -> None:
    groups = np.where(OTHER < 0, "f", "m")
    dataset = DataSet(
        "d", pa.table({"a": NOISE, "sex": groups, "label": LABEL}), Digest.of(b""), Task.BINARY, "label",
        sensitive=("sex",),
    )  # fmt: skip
    assert told(prepare(dataset, 0.3, 1)) == {"leakage.sensitive column 'sex'": Severity.WARNING}
    assert Leakage().examine(prepare(dataset, 0.3, 1)).measures["sensitive_features"] == 1


def test_identifiers_fail() -> None:
    data = prepared(row=np.arange(ROWS), code=[f"M{i:05d}" for i in range(ROWS)], amount=AMOUNTS)
    assert told(data) == {
        "leakage.identifier column 'row'": Severity.ERROR,
        "leakage.identifier column 'code'": Severity.ERROR,
    }


def test_rows_on_both_sides_fail() -> None:
    data = prepared()
    copied = replace(data, holdout=data.train.take(np.arange(len(data.holdout))))
    examination = Leakage().examine(copied)
    assert examination.outcome is Outcome.FAILED
    assert examination.measures["shared_rows"] == 1.0


def test_equal_rows_of_a_coarse_table_are_chance() -> None:
    data = prepare(
        DataSet(
            "d",
            pa.table({"a": np.where(UNIFORM < 0.5, "x", "y"), "label": LABEL}),
            Digest.of(b""),
            Task.BINARY,
            "label",
        ),
        0.3,
        1,
    )
    assert told(data) == {"leakage.equal-rows": Severity.NOTE}


def test_persons_on_both_sides_fail() -> None:
    data = prepared(subject_id="who", who=[f"p{i // 3}" for i in range(ROWS)])
    assert Leakage().examine(data).measures["shared_persons"] == 0
    mixed = replace(data, persons=np.zeros(ROWS, np.int64))
    assert told(mixed) == {"leakage.persons": Severity.ERROR}


@pytest.mark.parametrize(
    ("power", "noise", "severity"), [(1, 0.0, Severity.ERROR), (3, 0.0, Severity.ERROR), (1, 0.2, Severity.WARNING)]
)
def test_a_quantity_can_be_given_away_too(power: int, noise: float, severity: Severity) -> None:
    target = OTHER
    data = prepared(Task.REGRESSION, label=target, leak=target**power + noise * THIRD)
    assert told(data) == {"leakage.feature column 'leak'": severity}
    assert Leakage().examine(data).measures["strongest_feature_r2"] > 0.9


def test_several_classes_are_judged_one_by_one() -> None:
    classes = np.array(["a", "b", "c"])[(UNIFORM * 3).astype(int)]
    data = prepared(Task.MULTICLASS, label=classes, leak=(classes == "b").astype(float))
    assert told(data) == {"leakage.feature column 'leak'": Severity.ERROR}


def test_the_failure_modes_of_the_machine_are_seen(shared_data: Callable[[str], Path]) -> None:
    data = shared_data("ai4i2020.csv").read_bytes()
    dataset = DataSet(
        "machines", read_table(data, "ai4i2020.csv").table, Digest.of(data), Task.BINARY, "Machine failure", "1"
    )
    findings = told(prepare(dataset, 0.25, 1))
    assert findings == {
        **{f"leakage.telltale column '{mode}'": Severity.ERROR for mode in ("TWF", "HDF", "PWF", "OSF")},
        **{f"leakage.identifier column '{name}'": Severity.ERROR for name in ("UID", "Product ID")},
    }


def test_real_credit_data_have_no_leak(shared_data: Callable[[str], Path]) -> None:
    data = shared_data("german-credit.csv").read_bytes()
    table = read_table(data, "german-credit.csv").table
    dataset = DataSet("credit", table, Digest.of(data), Task.BINARY, "class-label", "0", sensitive=("sex", "age"))
    assert told(prepare(dataset, 0.25, 1)) == {
        f"leakage.sensitive column '{name}'": Severity.WARNING for name in ("sex", "age")
    }
