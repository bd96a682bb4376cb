import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.data.inspect import guess_task, propose
from secmlops.data.reading import read_table
from secmlops.project.load import load_project
from secmlops.training.models import MODELS, built_in
from secmlops.usecases.credit_risk import applications


def test_the_credit_applications() -> None:
    project = load_project(propose(applications(1_000, 1), "default", "applications.csv"))
    assert project.task is Task.BINARY
    assert str(project.data.positive) == "1"
    assert project.data.subject_id == "tax_number"
    assert {"sex", "date_of_birth"} == set(project.data.sensitive)
    assert project.data.protect["iban"] == "encrypt"
    assert len(project.data.protect) == 9
    assert set(project.release.require) == {
        "assurance.performance.auc",
        "assurance.calibration.ece",
        "assurance.fit.gap",
    }


def test_german_credit(shared_data: Callable[[str], Path]) -> None:
    table = read_table(shared_data("german-credit.csv").read_bytes(), "german-credit.csv").table
    project = load_project(propose(table, "class-label", "german-credit.csv"))
    assert str(project.data.positive) == "0"
    assert {"sex", "age"} <= set(project.data.sensitive)
    assert project.data.protect == {}


def test_machines(shared_data: Callable[[str], Path]) -> None:
    table = read_table(shared_data("ai4i2020.csv").read_bytes(), "ai4i2020.csv").table
    project = load_project(propose(table, "Machine failure", "ai4i2020.csv"))
    assert project.data.protect == {"UID": "drop", "Product ID": "drop"}


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"], Task.BINARY),
        ([True, False], Task.BINARY),
        (["a", "b", "c"], Task.MULTICLASS),
        (list(range(10)), Task.MULTICLASS),
        (list(range(11)), Task.REGRESSION),
        (np.linspace(0, 1, 20), Task.REGRESSION),
    ],
)
def test_the_task_is_guessed_from_the_label(values: object, task: Task) -> None:
    assert guess_task(pa.chunked_array([values])) is task


def test_other_tasks_get_conditions_of_their_own() -> None:
    rng = np.random.default_rng(1)
    table = pa.table({"x": rng.normal(size=100), "kind": ["a", "b", "c", "a"] * 25, "size": rng.normal(size=100)})
    several = load_project(propose(table, "kind", "t.csv"))
    assert several.release.require["assurance.performance.accuracy"] == ">= 0.62"
    assert "assurance.performance.r2" in load_project(propose(table, "size", "t.csv")).release.require


@pytest.mark.parametrize(("label", "rows"), [("size", 100), ("kind", 49), ("kind", 50)])
def test_what_cannot_be_looked_for_is_accepted_by_name(label: str, rows: int) -> None:
    rng = np.random.default_rng(1)
    table = pa.table({"x": rng.normal(size=rows), "kind": (["a", "b"] * 50)[:rows], "size": rng.normal(size=rows)})
    controls = load_project(propose(table, label, "t.csv")).controls
    accepted = {name: {"accept_unexamined": True} for name in ("data.label_errors", "data.poisoning")}
    assert controls == ({} if (label, rows) == ("kind", 50) else accepted)


@pytest.mark.parametrize(("label", "linear"), [("kind", "logistic_regression"), ("size", "linear_regression")])
def test_every_model_that_is_named_can_learn_the_task(label: str, linear: str) -> None:
    rng = np.random.default_rng(1)
    table = pa.table({"x": rng.normal(size=100), "kind": ["a", "b", "c", "a"] * 25, "size": rng.normal(size=100)})
    text = propose(table, label, "t.csv")
    assert load_project(text).training.model == "gradient_boosting"
    named = {name for name in MODELS if name in text}
    assert named == {"gradient_boosting", "random_forest", linear}
    learnable = pa.table({"x": table["x"].cast(pa.float32())})
    target = rng.normal(size=100) if label == "size" else np.arange(100) % 3
    for name in named:
        built_in(name)(learnable, target, 1)


@pytest.mark.parametrize(
    "name",
    ["yes", "a: b", "#x", "- y", "null", "x\ny", "'q'", '"q"', "über", "123", "{a}", "e-mail [home]", "\x85", " "],
)
def test_any_column_name_makes_a_valid_file(name: str) -> None:
    mails = [f"someone{i}@example.org" for i in range(60)]
    table = pa.table({name: mails, "label of it": ["no", "yes"] * 30})
    text = propose(table, "label of it", "t.csv")
    assert yaml.safe_load(text)["data"]["protect"] == {name: "drop"}
    project = load_project(text)
    assert project.data.positive == "yes"
    assert list(project.data.protect) == [name]


@pytest.mark.parametrize("name", ["a b.csv", "#1.csv", "Ünï.CSV", "yes", "....parquet", "2024: all.csv"])
def test_any_file_name_makes_a_valid_file(name: str) -> None:
    table = pa.table({"size": [1.5, 2.5] * 30, "label": ["no", "yes"] * 30})
    assert load_project(propose(table, "label", name)).data.source == name


def test_free_text_and_customer_numbers_are_pointed_out() -> None:
    table = pa.table(
        {
            "customer_id": [1000 + i // 2 for i in range(80)],
            "remark": [f"the machine number {i} was looked at and found in order again" for i in range(80)],
            "label": [True, False] * 40,
        }
    )
    project = load_project(propose(table, "label", "t.csv"))
    assert project.data.subject_id == "customer_id"
    assert project.data.protect == {"customer_id": "pseudonymise", "remark": "drop"}
    assert project.data.positive is True


@pytest.mark.parametrize(
    ("label", "what"), [("labell", "did you mean 'label'"), ("gap", "missing in"), ("void", "missing in 2 rows")]
)
def test_a_label_that_cannot_be_learnt_is_refused(label: str, what: str) -> None:
    table = pa.table({"label": [0, 1], "gap": [0, None], "void": pa.array([None, None], pa.string())})
    with pytest.raises(InputError) as refused:
        propose(table, label, "t.csv")
    assert what in str(refused.value)


def test_a_label_of_personal_data_is_refused_and_not_quoted() -> None:
    table = pa.table({"who": ["anna@example.org", "paul@example.org"] * 40, "size": [1.5, 2.5] * 40})
    with pytest.raises(InputError, match="a label of personal data") as refused:
        propose(table, "who", "t.csv")
    assert "anna" not in str(refused.value)


def test_a_german_customer_number_names_the_person() -> None:
    table = pa.table({"Kundennummer": [f"K{i // 2}" for i in range(80)], "label": [True, False] * 40})
    assert load_project(propose(table, "label", "t.csv")).data.subject_id == "Kundennummer"


@pytest.mark.parametrize("personal", [True, False])
def test_the_governance_that_is_proposed_is_right_once_it_is_uncommented(personal: bool) -> None:
    columns = {"mail": [f"p{i}@example.org" for i in range(200)]} if personal else {}
    table = pa.table({**columns, "x": np.random.default_rng(1).normal(size=200), "label": np.arange(200) % 2})
    text = propose(table, "label", "t.csv")
    assert load_project(text).data.governance is None
    filled = re.sub(r"^  # (  |governance:)", r"  \1", text, flags=re.MULTILINE).replace("TEXT", "loans")
    record = load_project(filled).data.governance
    assert record is not None
    assert (record.purpose, record.retention) == (("loans",), "730 d")
