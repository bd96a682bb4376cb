from pathlib import Path

import numpy as np
import pytest

from secmlops.assurance.guard import Guard
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.prepare import prepare
from secmlops.data.reading import read_table
from secmlops.detect.guard import Guard as FittedGuard
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
KINDS = {"far_values", "out_of_range", "broken_dependence", "mixed_categories"}


def examples(rows: int, seed: int, shift: float = 0.0) -> Examples:
    rng = np.random.default_rng(seed)
    base = rng.normal(shift, 1, (rows, 1))
    numeric = (base + 0.2 * rng.normal(size=(rows, 3))).astype(np.float32)
    categorical = np.column_stack([rng.choice(["a", "b"], rows), rng.choice(["x", "y", "z"], rows)]).astype(object)
    return Examples(Inputs(numeric, categorical), rng.integers(0, 2, rows))


@pytest.fixture
def model(under_test):
    """Model under test around any examples: the guard never asks it anything."""
    predictor = under_test((np.array([0, 1]), np.eye(2)), (np.array([0, 1]), np.eye(2))).predictor

    def build(train: Examples, holdout: Examples, seed: int = 0) -> ModelUnderTest:
        return ModelUnderTest(predictor, train, holdout, seed=seed)

    return build


def rules(examination) -> dict[str, Severity]:
    return {finding.rule: finding.severity for finding in examination.findings}


def test_a_guard_is_made_and_measured(model) -> None:
    under = model(examples(3000, 0), examples(1000, 1))
    examination = Guard().examine(under)
    assert examination.outcome is Outcome.PASSED
    assert rules(examination) == {}
    measures = examination.measures
    assert set(measures) == {
        "rows", "calibration_rows", "expected_rate", "flag_rate", "expected_low", "expected_high", "within_expected",
        *(f"detected.{kind}" for kind in KINDS), *(f"auc.{kind}" for kind in KINDS),
    }  # fmt: skip
    assert measures["calibration_rows"] == 900
    assert measures["expected_low"] <= measures["flag_rate"] <= measures["expected_high"]
    assert measures["detected.far_values"] > 0.99
    assert measures["detected.mixed_categories"] > 0.99
    assert measures["auc.broken_dependence"] > 0.75
    guard = FittedGuard.from_bytes(examination.products["guard"])
    assert guard.flags(under.holdout.inputs).mean() == measures["flag_rate"]
    assert examination.materials == {"model": under.predictor.digest}


def test_the_same_model_and_seed_make_the_same_guard(model) -> None:
    train, holdout = examples(600, 0), examples(200, 1)
    first, again, other = (Guard().examine(model(train, holdout, seed)) for seed in (3, 3, 4))
    assert first == again
    assert first.products != other.products


@pytest.mark.parametrize(
    ("rows", "settings"),
    [
        (328, {"coarsest": 0.01}),
        (3000, {"rate": 0.001, "coarsest": 0.001}),
        (20, {"rate": 0.1}),
        (4, {"rate": 0.5}),
        (61, {}),
        (328, {"coarsest": 0.001}),
    ],
)
def test_too_few_rows_for_the_coarsest_rate_are_no_pass(model, rows: int, settings: dict[str, float]) -> None:
    """Rate and coarsest rate: the larger one counts, with 18 calibration rows at 5%, 98 at 1%."""
    examination = Guard(**settings).examine(model(examples(rows, 0), examples(200, 1)))
    assert examination.outcome is Outcome.SKIPPED
    assert rules(examination) == {"guard.too-few-rows": Severity.ERROR}
    assert not examination.products


def test_the_hint_names_a_rate_that_the_rows_can_carry(model) -> None:
    under = model(examples(50, 0), examples(100, 1))
    hint = Guard().examine(under).findings[0].hint
    rate = float(hint.split("rate of ")[1].split()[0])
    assert rate > Guard().coarsest
    examination = Guard(rate=rate).examine(under)
    assert examination.outcome is Outcome.PASSED
    assert "guard.coarser" not in rules(examination)


@pytest.mark.parametrize(("rows", "rate", "lowest"), [(328, 0.01, 0.0102), (3000, 0.001, 0.0012), (64, 0.01, 0.05)])
def test_few_rows_get_the_lowest_rate_that_they_allow_and_a_warning(
    model, rows: int, rate: float, lowest: float
) -> None:
    under = model(examples(rows, 0), examples(200, 1))
    examination = Guard(rate=rate).examine(under)
    assert examination.outcome is Outcome.PASSED
    assert rules(examination)["guard.coarser"] is Severity.WARNING
    guard = FittedGuard.from_bytes(examination.products["guard"])
    assert guard.alpha == lowest
    assert guard.calibration.size == round(0.3 * rows)
    assert examination.measures["flag_rate"] == guard.flags(under.holdout.inputs).mean()


def test_the_warning_says_how_many_rows_the_rate_takes(model) -> None:
    """Three in ten rows calibrate: with 327 they are 98, and a rate of 1% takes 99."""
    found = {f.rule: f for f in Guard().examine(model(examples(327, 0), examples(200, 1))).findings}
    assert (
        "98 calibration rows allow no lower false-flag rate than 0.0102; 0.01 was set" in found["guard.coarser"].message
    )
    assert found["guard.coarser"].hint.startswith("99 calibration rows")
    enough = Guard().examine(model(examples(330, 0), examples(200, 1)))
    assert "guard.coarser" not in rules(enough)
    assert FittedGuard.from_bytes(enough.products["guard"]).alpha == 0.01


def test_a_holdout_of_a_few_rows_is_no_pass(model) -> None:
    examination = Guard().examine(model(examples(600, 0), examples(9, 1)))
    assert (examination.outcome, rules(examination)) == (Outcome.SKIPPED, {"guard.not-measured": Severity.ERROR})


def test_a_holdout_unlike_the_training_rows_fails(model) -> None:
    examination = Guard().examine(model(examples(3000, 0), examples(500, 1, shift=6)))
    assert examination.outcome is Outcome.FAILED
    assert rules(examination)["guard.flags-many"] is Severity.ERROR
    assert examination.measures["within_expected"] == 0


def test_a_little_more_than_expected_is_warned_of_and_less_is_noted(model) -> None:
    under = model(examples(3000, 0), examples(1000, 1))
    rate = Guard().examine(under).measures["flag_rate"]
    narrow = Guard(confidence=1e-6)  # between one count and the next: any other is outside
    found = {}
    for seed in range(12):
        examination = narrow.examine(model(examples(3000, seed), examples(1000, seed + 100)))
        found.update(rules(examination))
        assert examination.outcome is Outcome.PASSED
    assert 0 < rate < 0.05
    assert found == {"guard.flags-many": Severity.WARNING, "guard.flags-few": Severity.NOTE}


def test_few_calibration_rows_are_noted(model) -> None:
    examination = Guard().examine(model(examples(600, 0), examples(200, 1)))
    assert rules(examination)["guard.coarse"] is Severity.NOTE
    assert examination.outcome is Outcome.PASSED


def test_a_guard_that_sees_nothing_is_warned_of(model) -> None:
    """One training row in ten is as far off as anything: what is far is usual then."""
    train = examples(3000, 0)
    rng = np.random.default_rng(9)
    train.inputs.numeric[rng.random(3000) < 0.1] *= 1e6
    examination = Guard().examine(model(train, examples(500, 1)))
    assert rules(examination)["guard.blind"] is Severity.WARNING


@pytest.mark.parametrize(
    "settings",
    [
        {"rate": 0},
        {"rate": 0.6},
        {"coarsest": 0},
        {"coarsest": 0.6},
        {"calibration_share": 1},
        {"confidence": 0},
        {"notable_detection": 1.1},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings) -> None:
    with pytest.raises(InputError):
        Guard(**settings)


@pytest.mark.parametrize(
    ("file", "label", "dropped", "rate"),
    [
        ("german-credit.csv", "class-label", (), 0.01),
        ("ai4i2020.csv", "Machine failure", ("UID", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF"), 0.01),
        ("ai4i2020.csv", "Machine failure", ("UID", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF"), 0.001),
    ],
)
def test_real_data_go_through(model, file: str, label: str, dropped: tuple[str, ...], rate: float) -> None:
    if not (DATA / file).exists():
        pytest.skip(f"{file} is not beside this checkout (../shared/data)")
    source = (DATA / file).read_bytes()
    table = read_table(source, file).table.drop_columns(list(dropped))
    digest = Digest.of(source)
    dataset = DataSet(name=file, table=table, digest=digest, task=Task.BINARY, label=label)
    prepared = prepare(dataset, 0.25, 1)  # of twenty splits one is beyond what chance explains, as 95 % allow
    examination = Guard(rate=rate).examine(model(prepared.train, prepared.holdout))
    assert examination.outcome is Outcome.PASSED
    assert examination.measures["within_expected"] == 1
    assert examination.measures["detected.far_values"] > 0.95
    assert examination.measures["detected.mixed_categories"] > 0.95
