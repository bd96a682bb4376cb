import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.schema.control import Schema

GOOD = {
    "amount": [1.0, 2.0, 3.0, 4.0],
    "colour": ["red", "blue", "red", "blue"],
    "code": ["A-1", "B-2", "C-3", "D-4"],
    "label": [0, 1, 0, 1],
}


def dataset(columns: dict[str, object], **roles: object) -> DataSet:
    return DataSet("d", pa.table(columns), Digest.of(b""), Task.BINARY, "label", **roles)


def rules(columns: dict[str, object], profile: str = "") -> set[str]:
    return {f.rule for f in Schema(profile=profile).examine(dataset(columns)).findings}


def test_a_sound_table_passes_and_measures_are_told() -> None:
    examination = Schema().examine(dataset(GOOD))
    assert examination.outcome is Outcome.PASSED
    assert not examination.findings
    assert examination.measures == {
        "rows": 4.0,
        "columns": 4.0,
        "missing_share": 0.0,
        "constant_columns": 0.0,
        "infinite_values": 0.0,
        "max_cardinality": 4.0,
        "duplicate_share": 0.0,
        "mixed_columns": 0.0,
        "deviations": 0.0,
    }


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        ([1.0, None, None, 2.0], "schema.missing"),
        (pa.nulls(4, pa.string()), "schema.empty"),
        (["x"] * 4, "schema.constant"),
        (["1", "2", "x", "4"], "schema.mixed"),
    ],
)
def test_weaknesses_are_warned_about(column: object, rule: str) -> None:
    examination = Schema().examine(dataset({**GOOD, "new": column}))
    assert rule in {f.rule for f in examination.findings}
    assert examination.outcome is Outcome.PASSED


def test_infinite_values_fail() -> None:
    examination = Schema().examine(dataset({**GOOD, "new": [1.0, float("inf"), float("-inf"), 2.0]}))
    assert examination.outcome is Outcome.FAILED
    assert examination.measures["infinite_values"] == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"amount": [1.0, 2.0, 3.0, 40.0]}, "1 row outside the earlier range"),
        ({"amount": [1.0, 2.0, 30.0, 40.0]}, "2 rows outside the earlier range"),
        ({"colour": ["red", "green", "red", "blue"]}, "1 row with a category not seen before"),
        ({"amount": [1.0, 2.0, 3.0, float("inf")]}, "1 infinite value"),
        ({"amount": [1.0, 2.0, float("inf"), float("inf")]}, "2 infinite values"),
    ],
)
def test_one_is_told_in_the_singular(change: dict[str, object], told: str) -> None:
    profile = Schema().examine(dataset(GOOD)).products["profile"].decode()
    findings = Schema(profile=profile).examine(dataset({**GOOD, **change})).findings
    assert any(f.message.endswith(told) for f in findings), findings


def test_repeated_rows_are_counted() -> None:
    doubled = {name: [*values, *values] for name, values in GOOD.items()}
    examination = Schema().examine(dataset(doubled))
    assert examination.measures["duplicate_share"] == 0.5
    assert "schema.duplicates" in {f.rule for f in examination.findings}


def test_many_different_texts_are_noted() -> None:
    columns = {"id": [f"{i}x" for i in range(2_000)], "label": [0, 1] * 1_000}
    assert "schema.cardinality" in rules(columns)


def test_the_same_table_has_no_deviation() -> None:
    profile = Schema().examine(dataset(GOOD)).products["profile"].decode()
    assert Schema(profile=profile).examine(dataset(GOOD)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"new": [1, 2, 3, 4]}, "column-new"),
        ({"amount": None}, "column-missing"),
        ({"amount": ["a", "b", "c", "d"]}, "type"),
        ({"amount": [1.0, 2.0, 3.0, 40.0]}, "range"),
        ({"amount": [1.0, 2.0, 3.0, None]}, "missing"),
        ({"colour": ["red", "green", "red", "blue"]}, "category"),
    ],
)
def test_deviations_are_errors(change: dict[str, object], rule: str) -> None:
    profile = Schema().examine(dataset(GOOD)).products["profile"].decode()
    changed = {name: values for name, values in {**GOOD, **change}.items() if values is not None}
    examination = Schema(profile=profile).examine(dataset(changed))
    assert examination.outcome is Outcome.FAILED
    assert {f.rule for f in examination.findings if f.severity is Severity.ERROR} == {f"schema.deviation.{rule}"}
    assert examination.measures["deviations"] == 1


def test_another_form_of_writing_is_a_deviation() -> None:
    codes = {"code": [f"A{i:03d}" for i in range(60)], "label": [0, 1] * 30}
    profile = Schema().examine(dataset(codes)).products["profile"].decode()
    other = {"code": [*codes["code"][:-1], "A-999"], "label": [0, 1] * 30}
    assert rules(other, profile) == {"schema.deviation.shape"}


def test_whole_numbers_may_take_the_place_of_numbers() -> None:
    profile = Schema().examine(dataset(GOOD)).products["profile"].decode()
    assert not rules({**GOOD, "amount": [1, 2, 3, 4]}, profile)


def test_no_value_of_a_protected_column_is_in_the_profile() -> None:
    examination = Schema().examine(dataset(GOOD, protect={"colour": "drop", "amount": "keep"}))
    assert b"red" not in examination.products["profile"]
    assert b'"maximum":4.0' in examination.products["profile"]


def test_a_broken_profile_is_refused() -> None:
    with pytest.raises(InputError, match="not a profile"):
        Schema(profile="{}").examine(dataset(GOOD))
