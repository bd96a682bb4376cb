"""``secmlops run`` and ``status`` as a user meets them: what is done, what is reused, what is told."""

import json
import shutil
from pathlib import Path

import pytest

from secmlops.core.stage import Stage
from secmlops.core.task import Task
from secmlops.lifecycle.measures import measured
from secmlops.lifecycle.plan import BUILT_IN
from secmlops.lifecycle.registry import control_class
from secmlops.pipeline import example_request_of, survey_of
from secmlops.workspace import Workspace

CONTROLS = len(BUILT_IN)


def standing(data: dict) -> dict[str, tuple[str, str]]:
    return {c["control"]: (c["standing"], c["why"]) for s in data["stages"] for c in s["controls"]}


def test_the_first_run_released(small_project: Path) -> None:
    workspace = Workspace(small_project)
    assert workspace.release_names() == ["credit-risk-1"]
    assert [s.verdict.open for s in survey_of(workspace)] == [True] * 5


def test_a_second_run_reuses_everything_and_adds_nothing(project: Path, secmlops) -> None:
    before = Workspace(project).ledger.size
    said = secmlops("run", "-C", project)
    assert said.code == 0
    assert f"nothing changed: all of {CONTROLS} controls reused" in said.out
    assert said.err.count("reused") == CONTROLS
    assert Workspace(project).ledger.size == before
    assert Workspace(project).release_names() == ["credit-risk-1"]


def test_run_tells_machines_the_same(project: Path, secmlops) -> None:
    data = secmlops("run", "-C", project, "--json").data
    assert (data["exit_code"], data["gate"], data["reused"]) == (0, "open", CONTROLS)
    assert data["release"]["fresh"] is False
    assert [s["stage"] for s in data["stages"]] == ["design", "data", "training", "assurance", "release"]


def test_output_fits_a_hundred_columns(project: Path, secmlops) -> None:
    for verb in (["run"], ["status"], ["threats"], ["audit", "log"], ["audit", "verify"]):
        said = secmlops(*verb, "-C", project)
        assert max(len(line) for line in said.out.splitlines() if str(project) not in line) <= 100, verb


def test_a_changed_condition_runs_no_control_of_data_and_training_again(project: Path, edit, secmlops) -> None:
    edit(project, '">= 0.55"', '">= 0.56"')
    data = secmlops("run", "-C", project, "--json").data
    assert data["gate"] == "open"
    assert data["reused"] == CONTROLS - 1, "only the project file itself is looked at again"
    assert data["release"]["fresh"] is True, "a release stands on the verdict under which it was made"
    assert Workspace(project).release_names() == ["credit-risk-1", "credit-risk-2"]


def test_a_changed_setting_runs_what_depends_on_it_and_nothing_else(project: Path, edit, secmlops) -> None:
    edit(project, "controls:", "controls:\n  assurance.fit: {resamples: 100}")
    told = standing(secmlops("run", "-C", project, "--dry-run", "--json").data)
    assert told["assurance.fit"] == ("to run", "its settings changed")
    to_run = {c for c, (s, _) in told.items() if s == "to run"}
    assert {c for c in to_run if not c.startswith("release.")} == {"design.threats", "assurance.fit"}
    assert told["release.provenance"] == ("to run", "changed since: metrics")
    said = secmlops("run", "-C", project)
    performed = [line.split()[2] for line in said.err.splitlines() if "reused" not in line]
    assert performed[:2] == ["design.threats", "assurance.fit"]
    assert not {"data.schema", "data.protect", "training.run", "assurance.performance"} & set(performed)


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("logistic_regression", "random_forest", "training settings"),
        ("holdout: 0.25", "holdout: 0.3", "split"),
        ("memory: 4 GiB", "memory: 5 GiB", "training settings"),
    ],
)
def test_what_training_depends_on_makes_it_run_again(project: Path, edit, secmlops, old, new, changed) -> None:
    edit(project, old, new)
    told = standing(secmlops("run", "-C", project, "--dry-run", "--json").data)
    assert told["training.run"] == ("to run", f"changed since: {changed}")
    assert told["data.protect"][0] == "holds"
    assert told["assurance.performance"] == ("waiting", "waits for what comes before it")


def test_a_dry_run_changes_nothing(project: Path, edit, secmlops) -> None:
    edit(project, "logistic_regression", "random_forest")
    before = Workspace(project).ledger.size
    said = secmlops("run", "-C", project, "--dry-run")
    assert said.code == 0
    assert "training.run" in said.out
    assert "→ to run" in said.out
    assert Workspace(project).ledger.size == before


def test_run_until_a_stage_stops_there(tiny: Path, secmlops) -> None:
    data = secmlops("run", "-C", tiny, "--until", "data", "--json").data
    assert [s["stage"] for s in data["stages"]] == ["design", "data"]
    assert data["release"] is None
    told = standing(secmlops("status", "-C", tiny, "--json").data)
    assert told["data.leakage"][0] == "holds"
    assert told["training.run"] == ("to run", "never ran")


def test_status_before_the_first_run_says_what_would_run(tiny: Path, secmlops) -> None:
    data = secmlops("status", "-C", tiny, "--json").data
    assert standing(data)["design.threats"] == ("to run", "never ran")
    assert data["releases"] == []
    assert data["stages"][0]["obstacles"] == ["required: design.threats must pass; found: no evidence"]


def test_status_tells_which_gate_is_shut_and_why(project: Path, edit, secmlops) -> None:
    edit(project, '">= 0.55"', '">= 0.9999"')
    assert secmlops("run", "-C", project).code == 1
    said = secmlops("status", "-C", project)
    assert said.code == 0
    assert "the gate of stage release is shut" in said.out
    assert "required: assurance.performance.auc >= 0.9999; found: auc = " in said.out
    assert Workspace(project).release_names() == ["credit-risk-1"], "no release under a shut gate"


def test_data_that_differ_are_held_to_the_earlier_profile(tiny: Path, secmlops) -> None:
    assert secmlops("run", "-C", tiny, "--until", "data").code == 0
    table = tiny / "t.csv"
    table.write_text(table.read_text().replace(",u,", ",smuggled,"), encoding="utf-8")
    said = secmlops("run", "-C", tiny, "--until", "data")
    assert said.code == 1
    assert "the gate of stage data is shut" in said.out
    told = " ".join(said.out.split())
    assert "required: data.schema must pass" in told
    assert "; found: failed: column 'b': differs from the earlier profile" in told
    assert "passed: failed" not in said.out + secmlops("status", "-C", tiny).out
    again = secmlops("run", "-C", tiny, "--until", "data")
    assert again.code == 1, "asking twice does not help"
    accepted = secmlops("run", "-C", tiny, "--until", "data", "--new-profile")
    assert accepted.code == 0, accepted.out
    assert secmlops("run", "-C", tiny, "--until", "data").code == 0, "what was accepted stays so"


def test_a_second_run_in_one_project_is_refused_and_leaves_the_first_alone(tiny: Path, secmlops) -> None:
    with Workspace(tiny).locked():
        said = secmlops("run", "-C", tiny)
        assert said.code == 2
        assert "another run is under way" in said.err
        assert secmlops("status", "-C", tiny).code == 0, "looking is always allowed"
    assert secmlops("run", "-C", tiny, "--until", "design").code == 0


def test_a_project_that_was_moved_goes_on(project: Path, tmp_path: Path, secmlops) -> None:
    moved = Path(shutil.move(project, tmp_path / "elsewhere"))
    data = secmlops("run", "-C", moved, "--json").data
    assert (data["gate"], data["reused"]) == ("open", CONTROLS)


def test_an_example_request_comes_from_the_released_project(small_project: Path) -> None:
    body = example_request_of(Workspace(small_project))
    assert json.dumps(body)
    names = {tensor["name"] for tensor in body["inputs"]}
    assert "loan_amount" in names
    assert not names & {"full_name", "tax_number", "iban", "default"}


def test_threats_are_answered_by_evidence_after_a_run_and_by_configuration_before(
    small_project: Path, tiny: Path, secmlops
) -> None:
    after = secmlops("threats", "-C", small_project, "--json").data["threats"]
    before = secmlops("threats", "-C", tiny, "--json").data["threats"]
    assert {t["state"] for t in after} == {"evidence", "partly", "none"}
    assert {t["state"] for t in before} == {"configuration", "none"}
    assert all(t["passed"] for t in after if t["state"] in ("evidence", "partly"))
    state = {t["id"]: t["state"] for t in after}
    assert {state[t] for t in ("owasp-ml:ML04", "stride:denial-of-service", "atlas:AML.T0020")} == {"partly"}
    assert state["atlas:AML.T0018.002"] == "evidence"


def test_threats_are_grouped_counted_first_and_each_id_keeps_its_line(small_project: Path, secmlops) -> None:
    data = secmlops("threats", "-C", small_project, "--json").data
    lines = secmlops("threats", "-C", small_project).out.splitlines()
    answered, partly, still_open = (data["counts"][state] for state in ("evidence", "partly", "none"))
    total = len(data["threats"])
    counted = f"{answered} answered by evidence, {partly} in part, 0 by configuration only, {still_open} open"
    assert lines[0] == f"{total} threats: {counted}"
    headings = [lines.index(f"✓ answered by evidence ({answered})")]
    assert lines.index(f"~ answered in part: what passed makes them smaller, and no more ({partly})") > headings[0]
    headings.append(lines.index(f"✗ open: no configured control answers them ({still_open})"))
    for t in data["threats"]:
        (line,) = [i for i, text in enumerate(lines) if text.split()[:1] == [t["id"]]]
        assert t["title"] in lines[line]
        assert (line > headings[1]) is (t["state"] == "none")
    frameworks = {t["framework"] for t in data["threats"]}
    assert len(frameworks) == 4
    assert all(any(text.startswith(f" {f} (") for text in lines) for f in frameworks)


def test_only_the_open_threats_can_be_asked_for_and_the_counts_stay(small_project: Path, secmlops) -> None:
    whole = secmlops("threats", "-C", small_project, "--json").data
    data = secmlops("threats", "-C", small_project, "--open", "--json").data
    assert data["counts"] == whole["counts"]
    assert data["threats"] == [t for t in whole["threats"] if t["state"] == "none"]
    said = secmlops("threats", "-C", small_project, "--open").out
    assert "✓" not in said
    assert f"{len(whole['threats'])} threats: " in said


def test_every_stage_can_be_the_last(project: Path, secmlops) -> None:
    for stage in (Stage.DESIGN, Stage.TRAINING, Stage.ASSURANCE):
        data = secmlops("run", "-C", project, "--until", stage, "--json").data
        assert data["stages"][-1]["stage"] == stage


def test_what_the_controls_measured_is_what_conditions_may_name(small_project: Path) -> None:
    book = Workspace(small_project).book
    ranges = {c: measured(c, Task.BINARY, getattr(control_class(c)(), "budgets", ())) for c in BUILT_IN}
    told = {control: known for control, known in ranges.items() if known}
    by_name = {"assurance.hardening", "assurance.fairness", "assurance.attributes"}
    assert {c for c in BUILT_IN if c.startswith("assurance.")} - told.keys() == by_name, (
        "their measures have the names that settings or columns give"
    )
    for control, known in told.items():
        given = book.latest(control).evidence.measures
        assert given.keys() <= known.keys(), control
        for name, value in given.items():
            low, high = known[name]
            assert low <= value <= high, name


def test_a_release_made_again_says_which_one_has_the_same_model(project: Path, edit, secmlops) -> None:
    edit(project, '">= 0.55"', '">= 0.56"')
    assert secmlops("run", "-C", project, "--json").data["release"]["same_as"] == "credit-risk-1"
    edit(project, '">= 0.56"', '">= 0.55"')
    said = secmlops("run", "-C", project)
    assert "the same model as credit-risk-2, published anew" in said.out
    assert "seconds by stage" not in said.out
