"""Which controls a project runs."""

import sys
from pathlib import Path
from typing import Any, cast

import pytest

from secmlops.core.errors import InputError
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.plan import BUILT_IN, LOOKS_UP, WEIGHS, planned_controls, refuse_missing_extras
from secmlops.lifecycle.registry import control_ids
from secmlops.lifecycle.run import run
from secmlops.project import load_project

YAML = """\
secmlops: 1
name: tiny
task: regression
data: {source: t.csv, label: y}
training: {model: random_forest}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "secmlops.yaml"


def planned(file: Path, more: str = ""):
    file.write_text(YAML + more, encoding="utf-8")
    return planned_controls(load_project(YAML + more), file)


def test_the_built_in_controls_are_all_installed_and_run_in_their_order(file: Path) -> None:
    assert set(BUILT_IN) <= set(control_ids())
    assert tuple(planned(file)) == BUILT_IN


def test_settings_reach_the_control(file: Path) -> None:
    assert planned(file, "controls: {assurance.fit: {maximum_gap: 0.5}}")["assurance.fit"].maximum_gap == 0.5


def test_every_problem_is_told_at_once(file: Path) -> None:
    with pytest.raises(InputError) as refused:
        planned(file, "controls:\n  data.nothing: {}\n  assurance.fit:\n    maximum_gip: 1\n")
    told = str(refused.value).splitlines()
    assert told[0].startswith("secmlops.yaml:7: controls.data.nothing")
    assert told[1].startswith("  line 9: controls.assurance.fit.maximum_gip: assurance.fit has no setting")


def test_a_condition_is_held_to_the_task(file: Path) -> None:
    assert planned(file, "release: {require: {assurance.performance.r2: '>= 0.5'}}")
    with pytest.raises(InputError, match="gives no measure auc for regression"):
        planned(file, "release: {require: {assurance.performance.auc: '>= 0.5'}}")


PRIVATE = YAML.replace("{model: random_forest}", "{model: MODEL, private: {epsilon: 3, delta: 1e-5}}").replace(
    "regression", "binary_classification"
)


def test_an_extra_that_is_not_installed_is_told_before_data_are_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("opacus", "torch"):
        monkeypatch.setitem(sys.modules, name, None)
    text = PRIVATE.replace("MODEL", "neural_network")
    file.write_text(text, encoding="utf-8")
    journey = Journey(load_project(text), file.parent, runner=cast("Any", None), identity="")
    with pytest.raises(InputError, match=r'sgd needs opacus and torch.*pip install "secmlops\[private\]"') as refused:
        run(journey)
    assert refused.value.where == "secmlops.yaml:5"
    refuse_missing_extras(load_project(PRIVATE.replace("MODEL", "logistic_regression")), file)


def test_vulnerabilities_are_looked_up_where_there_is_a_file_to_look_in(file: Path) -> None:
    assert tuple(planned(file, "release: {advisories: osv.zip}")) == (*BUILT_IN, LOOKS_UP)
    assert tuple(planned(file, f"controls: {{{LOOKS_UP}: {{maximum_age_days: 7}}}}")) == (*BUILT_IN, LOOKS_UP)
    with pytest.raises(InputError, match=r"release\.vulnerabilities does not run"):
        planned(file, "release: {require: {release.vulnerabilities.vulnerabilities: '<= 0'}}")


def test_a_compressed_model_is_weighed(file: Path) -> None:
    smaller = YAML.replace("random_forest", "random_forest, compress: {prune: 0.5}")
    condition = "release: {require: {assurance.compression.agreement: '>= 0.98'}}"
    file.write_text(smaller + condition, encoding="utf-8")
    assert tuple(planned_controls(load_project(smaller + condition), file)) == (*BUILT_IN, WEIGHS)
    with pytest.raises(InputError, match=r"assurance\.compression does not run"):
        planned(file, condition)
    with pytest.raises(InputError, match="nothing is to be done"):
        load_project(smaller.replace("prune: 0.5", "compare: true"))
    impossible = load_project(smaller + condition.replace(">= 0.98", ">= 1.1"))
    with pytest.raises(InputError, match="can never hold"):
        planned_controls(impossible, file)


@pytest.mark.parametrize(
    ("control", "measure", "told"),
    [
        ("assurance.poison_price", "trigger_sucess_at_1", "did you mean trigger_success_at_1"),
        ("assurance.backdoor", "trigers", "did you mean triggers"),
        ("assurance.inversion", "reconstruction_gian", "did you mean reconstruction_gain"),
        ("assurance.evasion", "robust_accuracy", 'it is a curve: write "<= 0.3 at 0.1", at one of 0.1, 0.25, 0.5'),
    ],
)
def test_a_misspelt_measure_and_a_curve_without_a_point_are_told(
    file: Path, control: str, measure: str, told: str
) -> None:
    text = YAML.replace("regression", "binary_classification") + f"controls: {{{control}: {{}}}}\n"
    text += f"release: {{require: {{{control}.{measure}: '<= 0.3'}}}}\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        planned_controls(load_project(text), file)
    assert told in str(refused.value)
