from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.prepare import Prepared, prepare
from secmlops.data.skew.control import Skew, SkewCase
from secmlops.data.skew.distribution import Distribution
from secmlops.testing import check_control

ROWS = 2_000


def rows(seed: int, count: int = ROWS, **columns: object) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            "income": np.exp(rng.normal(8, 0.5, count)),
            "age": rng.integers(18, 80, count),
            "purpose": rng.choice(["car", "house", "school"], count),
            **columns,
        }
    )


def prepared(seed: int = 1, **columns: object) -> Prepared:
    table = rows(seed, **columns).append_column("label", pa.array(np.arange(ROWS) % 2))
    return prepare(DataSet("d", table, Digest.of(b""), Task.BINARY, "label"), 0.25, 1)


def told(case: SkewCase) -> dict[str, Severity]:
    return {f"{f.rule} {f.where}": f.severity for f in Skew().examine(case).findings}


def learnt(seed: int, **columns: object) -> Distribution:
    examination = Skew().examine(SkewCase(prepared(seed, **columns)))
    return Distribution.from_json(examination.products["distribution"])


def test_rows_of_one_kind_pass() -> None:
    case = SkewCase(prepared(), learnt(2), rows(3))
    examination = check_control(Skew(), case)
    assert examination.outcome is Outcome.PASSED
    assert not examination.findings
    assert examination.measures == {
        "features": 3,
        "holdout_psi": 0,
        "earlier_psi": 0,
        "serving_psi": 0,
        "serving_features": 3,
        "skewed_features": 0,
        "serving_rows": ROWS,
    }


def test_what_was_not_given_is_not_measured() -> None:
    measures = Skew().examine(SkewCase(prepared())).measures
    assert measures.keys() == {"features", "holdout_psi"}


def test_a_holdout_of_another_kind_is_told() -> None:
    data = prepared()
    strange = replace(
        data,
        holdout=replace(data.holdout, inputs=replace(data.holdout.inputs, numeric=data.holdout.inputs.numeric * 3)),
    )
    assert told(SkewCase(strange)) == {
        "skew.holdout column 'income'": Severity.WARNING,
        "skew.holdout column 'age'": Severity.WARNING,
    }


def test_data_that_changed_since_are_told_and_pass() -> None:
    case = SkewCase(prepared(), learnt(2, income=np.random.default_rng(5).normal(9_000, 100, ROWS)))
    assert told(case) == {"skew.earlier column 'income'": Severity.WARNING}
    assert Skew().examine(case).outcome is Outcome.PASSED
    assert Skew().examine(case).measures["earlier_psi"] > 1


def test_a_feature_that_is_new_is_not_compared_with_the_earlier_data() -> None:
    table = {"score": np.random.default_rng(5).normal(size=ROWS), "age": ["young"] * 1_000 + ["old"] * 1_000}
    assert told(SkewCase(prepared(**table), learnt(2))) == {}


@pytest.mark.parametrize(("factor", "severity"), [(1.25, Severity.WARNING), (2.5, Severity.ERROR)])
def test_production_that_asks_for_other_values_is_told_by_how_far(factor: float, severity: Severity) -> None:
    sent = rows(3)
    sent = sent.set_column(0, "income", pa.array(sent["income"].to_numpy() * factor))
    examination = Skew().examine(SkewCase(prepared(), serving=sent))
    assert [(f.rule, f.severity) for f in examination.findings] == [("skew.serving", severity)]
    assert examination.measures["skewed_features"] == 1


def test_another_unit_in_production_is_named() -> None:
    sent = rows(3)
    sent = sent.set_column(0, "income", pa.array(sent["income"].to_numpy() / 1000))
    (finding,) = Skew().examine(SkewCase(prepared(), serving=sent)).findings
    assert "too small by a factor of 1,000" in finding.message
    assert finding.severity is Severity.ERROR


def test_a_category_that_production_has_and_training_had_not_is_told() -> None:
    sent = rows(3, purpose=np.where(np.arange(ROWS) % 3 == 0, "boat", "car"))
    assert told(SkewCase(prepared(), serving=sent)) == {"skew.serving column 'purpose'": Severity.ERROR}


@pytest.mark.parametrize(
    ("sent", "words"),
    [(rows(3).drop_columns(["age"]), "not in the sample"), (rows(3, age=["old"] * ROWS), "a number in training")],
)
def test_a_feature_that_cannot_be_compared_fails(sent: pa.Table, words: str) -> None:
    (finding,) = Skew().examine(SkewCase(prepared(), serving=sent)).findings
    assert finding.severity is Severity.ERROR
    assert words in finding.message


def test_a_feature_that_production_never_fills_in_is_told() -> None:
    sent = rows(3, age=pa.nulls(ROWS, pa.string()))
    assert told(SkewCase(prepared(), serving=sent)) == {"skew.serving column 'age'": Severity.ERROR}


def test_a_few_rows_of_production_raise_no_alarm() -> None:
    assert all(told(SkewCase(prepared(), serving=rows(seed, 40))) == {} for seed in range(10, 30))
