"""A model file made elsewhere, assessed with a table: guessed, attacked, stopped and gone on with."""

import json
import re
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression

from secmlops.assessment import battery
from secmlops.assessment.assess import assess, runner_in
from secmlops.assessment.foreign import Tables, read_foreign
from secmlops.assurance.evasion import Evasion
from secmlops.cli.assess import command
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.pipeline import Silence
from secmlops.workspace import own_keys, system_clock

GENERATOR = np.random.default_rng(1)


def written(path: Path, numbers: np.ndarray, classes: np.ndarray) -> Path:
    lines = ["a,b,c,answer", *(f"{a},{b},{c},{y}" for (a, b, c), y in zip(numbers, classes, strict=True))]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """``model.onnx`` with ``train.csv`` and ``rows.csv``."""
    place = tmp_path_factory.mktemp("foreign")
    numbers = GENERATOR.normal(size=(240, 3)).round(3)
    classes = np.where(numbers @ [1.0, -1.0, 0.5] + 0.5 * GENERATOR.normal(size=240) > 0, "good", "bad")
    model = LogisticRegression().fit(numbers[:120].astype(np.float32), classes[:120])
    data = convert_sklearn(model, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=17)
    (place / "model.onnx").write_bytes(data.SerializeToString())
    written(place / "train.csv", numbers[:120], classes[:120])
    written(place / "rows.csv", numbers[120:], classes[120:])
    return place


@pytest.fixture
def keys(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def small(monkeypatch) -> None:
    """A battery of one quick part, and two that ask nothing."""
    part = battery.BATTERY[0]
    quick = battery.Part(
        part.name, Evasion(rows=20, queries=50), Evasion(rows=20, queries=60), part.lines, part.asked, part.budget
    )
    others = [one for one in battery.BATTERY if one.name in {"fit", "calibration"}]
    monkeypatch.setattr("secmlops.assessment.assess.BATTERY", (quick, *others))


def test_what_is_guessed_is_told(folder: Path):
    assessed = read_foreign(folder / "model.onnx", Tables(folder / "rows.csv", train=folder / "train.csv"))
    assert assessed.model.signature.classes == ("bad", "good")
    assert assessed.model.members_known
    assert len(assessed.model.train) == 120
    assert assessed.notes == ("label 'answer', 3 features in the order of the table",)


def test_without_training_rows_nothing_is_said_of_members(folder: Path, tmp_path: Path, keys: None, small: None):
    assessed = read_foreign(folder / "model.onnx", Tables(folder / "rows.csv"))
    assert not assessed.model.members_known
    runner = runner_in(tmp_path / "kept", own_keys(system_clock), system_clock, Silence(), timedelta(days=1))
    done = assess(assessed, runner, {}, quick=True, announce=lambda _: None)
    found = {result.evidence.control.id: result for result in done.results}
    assert found["assurance.fit"].evidence.outcome is Outcome.SKIPPED
    assert not found["assurance.fit"].gate.holds
    assert not done.open
    assert found["assurance.evasion"].gate.holds


def test_what_is_not_known_is_told_with_what_to_do(folder: Path, tmp_path: Path, keys: None, small: None):
    arguments = [str(folder / "model.onnx"), "--data", str(folder / "rows.csv"), "--keep", str(tmp_path / "kept")]
    said = CliRunner().invoke(command, [*arguments, "--quick"], standalone_mode=False)
    assert said.return_value == 1
    assert "name them with --train" in said.stdout
    assert "name them with --sensitive" in said.stdout
    assert "would keep a gate shut" in said.stdout
    assert re.search(r"overfitting +nothing ", said.stdout)
    page = (tmp_path / "kept" / "assessment.html").read_text()
    assert "name them with --train TABLE" in page
    assert "Not known: which columns are sensitive" in page


def test_groups_of_a_sensitive_column_are_compared_whether_the_model_takes_it_or_not(folder: Path, tmp_path: Path):
    lines = (folder / "rows.csv").read_text().splitlines()
    rows = [f"{line},{'sex' if not at else 'fm'[at % 2]}" for at, line in enumerate(lines)]
    (tmp_path / "rows.csv").write_text("\n".join(rows) + "\n")
    tables = Tables(tmp_path / "rows.csv", label="answer", without=["sex"], sensitive=["sex", "a"])
    holdout = read_foreign(folder / "model.onnx", tables).model.holdout
    assert set(holdout.groups["sex"]) == {"f", "m"}
    assert 2 <= len(set(holdout.groups["a"])) < 20
    with pytest.raises(InputError, match="no column 'age'"):
        read_foreign(folder / "model.onnx", Tables(folder / "rows.csv", sensitive=["age"]))


def test_other_training_rows_and_another_reading_are_assessed_anew(folder: Path):
    tables = [
        Tables(folder / "rows.csv"),
        Tables(folder / "rows.csv", train=folder / "train.csv"),
        Tables(folder / "rows.csv", train=folder / "rows.csv"),
        Tables(folder / "rows.csv", sensitive=["a"]),
    ]
    depends = [str(sorted(read_foreign(folder / "model.onnx", one).materials.items())) for one in tables]
    assert len(set(depends)) == len(tables)


def test_what_is_done_is_not_done_again(folder: Path, tmp_path: Path, keys: None, small: None):
    assessed = read_foreign(folder / "model.onnx", Tables(folder / "rows.csv", train=folder / "train.csv"))
    told: list[str] = []
    once = None
    for _ in range(2):
        runner = runner_in(tmp_path / "kept", own_keys(system_clock), system_clock, Silence(), timedelta(days=1))
        done = assess(assessed, runner, {}, quick=True, announce=told.append)
        once = once or done
    assert len(told) == len({result.evidence.control.id for result in done.results})
    assert [r.evidence for r in once.results] == [r.evidence for r in done.results]


def test_the_word_of_the_gate_is_the_projects_condition(folder: Path, tmp_path: Path, keys: None, small: None):
    assessed = read_foreign(folder / "model.onnx", Tables(folder / "rows.csv", train=folder / "train.csv"))
    runner = runner_in(tmp_path / "kept", own_keys(system_clock), system_clock, Silence(), timedelta(days=1))
    require = {"assurance.evasion.robust_accuracy": ">= 0.99 at 0.25"}
    done = assess(assessed, runner, require, quick=True, announce=lambda _: None)
    assert not done.results[0].gate.holds
    assert "required >= 0.99" in done.results[0].gate.why


def test_a_condition_on_a_measure_that_no_line_shows_shuts_the_gate_too(
    folder: Path, tmp_path: Path, keys: None, small: None
):
    assessed = read_foreign(folder / "model.onnx", Tables(folder / "rows.csv", train=folder / "train.csv"))
    runner = runner_in(tmp_path / "kept", own_keys(system_clock), system_clock, Silence(), timedelta(days=1))
    require = {"assurance.evasion.median_cost": ">= 1e9", "assurance.fit.train_score": "<= 1"}
    done = assess(assessed, runner, require, quick=True, announce=lambda _: None)
    assert "median_cost" in done.results[0].gate.why
    assert not done.open
    assert [result.part.name for result in done.results if not result.gate.holds] == ["evasion"]


def test_the_verb_prints_a_table_and_writes_the_report(folder: Path, tmp_path: Path, keys: None, small: None):
    arguments = [str(folder / "model.onnx"), "--data", str(folder / "rows.csv"), "--train", str(folder / "train.csv")]
    kept = tmp_path / "kept"
    said = CliRunner().invoke(command, [*arguments, "--quick", "--keep", str(kept), "--json"], standalone_mode=False)
    assert said.exception is None, said.exception
    data = json.loads(said.stdout)
    assert data["results"][0]["threat"] == "rows changed to get another answer"
    assert 0 <= data["results"][0]["low"] <= data["results"][0]["value"] <= data["results"][0]["high"] <= 1
    page = (kept / "assessment.html").read_text()
    assert "<svg" in page
    assert "model.onnx" in page
    assert "<script" not in page
    shown = CliRunner().invoke(command, [*arguments, "--quick", "--keep", str(kept)], standalone_mode=False)
    assert "HopSkipJump" in shown.stdout
    fresh = CliRunner().invoke(
        command, [*arguments, "--quick", "--keep", str(kept), "--stale", "7d"], standalone_mode=False
    )
    assert fresh.return_value == 0
    assert "nothing to do" in fresh.stdout
    assert "HopSkipJump" not in fresh.stdout


def test_only_what_is_stale_or_did_not_pass_is_run_again(folder: Path, tmp_path: Path, keys: None, monkeypatch):
    parts = [part for part in battery.BATTERY if part.name in {"fit", "calibration"}]
    monkeypatch.setattr("secmlops.assessment.assess.BATTERY", parts)
    now = [system_clock()]
    assessed = read_foreign(folder / "model.onnx", Tables(folder / "rows.csv"))  # of members nothing is said: skipped

    def ran(days: float) -> tuple[str, ...]:
        now[0] += timedelta(days=days)
        runner = runner_in(tmp_path / "kept", own_keys(lambda: now[0]), lambda: now[0], Silence(), timedelta(days=7))
        return assess(assessed, runner, {}, quick=True, announce=lambda _: None).ran

    everything = ran(0)
    assert everything == ("fit", "calibration", "file")
    assert ran(6) == ("fit",)
    assert ran(2) == everything


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--data", "rows.csv"], "--data needs a model"),
        (["--sensitive", "sex"], "--sensitive goes with --data"),
        (["model.onnx"], "a model file needs rows"),
        (["model.onnx", "--data", "none.csv"], "there is no such file"),
        (["none.onnx", "--data", "rows.csv"], "there is no such file"),
        (["rows.csv", "--data", "rows.csv"], "not an ONNX model"),
        (["model.onnx", "--data", "rows.csv", "--label", "z"], "no column 'z'"),
        (["model.onnx", "--data", "rows.csv", "--without", "c"], "takes 3 numeric columns, the table has 2"),
        (["model.onnx", "--data", "rows.csv", "--label", "a"], "is of another kind|answers, the label|table has"),
    ],
)
def test_what_does_not_fit_is_told(folder: Path, keys: None, monkeypatch, arguments: list[str], what: str):
    monkeypatch.chdir(folder)
    said = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert said.exception is not None
    with pytest.raises(Exception, match=what):
        raise said.exception


def test_a_missing_answer_is_told(folder: Path, tmp_path: Path):
    lines = (folder / "rows.csv").read_text().splitlines()
    lines[3] = lines[3].rpartition(",")[0] + ","
    (tmp_path / "rows.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match="1 answer missing"):
        read_foreign(folder / "model.onnx", Tables(tmp_path / "rows.csv"))
