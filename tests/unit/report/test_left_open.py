from dataclasses import replace

from secmlops.lifecycle.survey import ControlStanding, Standing
from secmlops.report.left_open import left_open
from secmlops.report.material import ReportMaterial, Rules


def test_what_a_yes_leaves_open_is_told(released: ReportMaterial) -> None:
    rules = Rules(require={"assurance.performance.auc": ">= 0.7"}, sensitive=("sex", "age"), proposed=True)
    threats, groups, conditions = left_open(replace(released, rules=rules))
    total = len(released.threats.threats)
    assert threats == (
        f"Of {total} threats that apply, {total - 3} are open and 2 are answered in part only (section 5)."
    )
    assert "'sex', 'age': its fairness is not known" in groups
    assert "init proposed" in conditions


def test_groups_that_were_compared_are_not_open(released: ReportMaterial) -> None:
    rules = Rules(require={"assurance.performance.auc": ">= 0.7"}, sensitive=("sex", "age"))
    evidence = replace(released.evidence["assurance.fit"], measures={"sex.groups": 2.0})
    told = ControlStanding("assurance.fairness", Standing.HOLDS, "passed", evidence)
    stage = replace(released.standings[-1], controls=(told,))
    compared = replace(released, rules=rules, standings=(*released.standings, stage))
    (groups,) = (told for told in left_open(compared) if "fairness" in told)
    assert "'age'" in groups
    assert "'sex'" not in groups
    assert compared.uncompared == ("age",)


def test_nothing_is_left_out_where_the_project_says_nothing(released: ReportMaterial) -> None:
    bare = replace(released, rules=Rules(), threats=replace(released.threats, threats=()))
    assert left_open(bare) == (
        "The project names no sensitive column: whether the model treats groups alike is not known.",
        "The project sets no condition on how good the model must be (release.require).",
    )


def test_conditions_that_somebody_chose_are_no_gap(released: ReportMaterial) -> None:
    assert not any("condition" in told for told in left_open(released))
