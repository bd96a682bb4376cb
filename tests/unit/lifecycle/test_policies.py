"""The policy of each gate."""

from datetime import UTC, datetime
from pathlib import Path

from secmlops.core.policy import AllOf, Docket
from secmlops.core.stage import Stage
from secmlops.data.schema.control import Schema
from secmlops.lifecycle.plan import BUILT_IN, planned_controls
from secmlops.lifecycle.policies import split_measure, stage_policy, unusual_settings
from secmlops.project import load_project

PROJECT = load_project("""\
secmlops: 1
name: tiny
task: binary_classification
data: {source: t.csv, label: y}
training: {model: random_forest}
release: {within: 7 d, require: {assurance.performance.auc: '>= 0.5'}}
""")
CONTROLS = planned_controls(PROJECT, Path("secmlops.yaml"))
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def rules(stage: Stage) -> list[str]:
    policy = stage_policy(stage, CONTROLS.values(), PROJECT)
    return [r.rule for r in policy.judge(Docket(frozenset(), (), NOW)).reasons]


def test_a_stage_asks_for_each_of_its_controls() -> None:
    assert rules(Stage.TRAINING) == ["training.run must pass"]
    assert len(rules(Stage.DATA)) == len([control for control in BUILT_IN if control.startswith("data.")])


def test_the_release_asks_for_every_control_and_the_conditions() -> None:
    assert rules(Stage.RELEASE) == [*(f"{c} must pass" for c in CONTROLS), "assurance.performance.auc >= 0.5"]


def test_each_rule_holds_to_role_settings_and_age() -> None:
    policy = stage_policy(Stage.DATA, CONTROLS.values(), PROJECT)
    assert isinstance(policy, AllOf)
    for rule in policy.policies:
        assert rule.by == "engineer"
        assert rule.settings is not None
        assert rule.within.days == 7


def test_a_stage_without_controls_is_shut() -> None:
    for stage in (Stage.TRAINING, Stage.RELEASE):
        assert not stage_policy(stage, (), PROJECT).judge(Docket(frozenset(), (), NOW)).open


def test_a_measure_may_hold_dots() -> None:
    assert split_measure("training.run.isolation.landlock") == ("training.run", "isolation.landlock")


def test_a_setting_that_is_a_document_is_not_quoted() -> None:
    assert unusual_settings(Schema(profile='{"columns": []}')) == "with profile one of 15 characters instead of nothing"
