"""What training is asked for, from the project file."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest

from secmlops.attack.evasion.adversary import Adversary
from secmlops.attack.evasion.perturbations import Norm
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.stages.training import _rows_of_a_person, robustness_of
from secmlops.project.load import load_project

PROJECT = """
secmlops: 1
name: loans
task: binary_classification
data: {source: t.csv, label: y}
training: {model: random_forest, robust: {budget: 0.25, rounds: 2}}
controls:
  assurance.evasion: {fixed: [age], prices: {income: 3}, sums: [a + b], norm: linf}
"""


def journey(text: str) -> Journey:
    return Journey(project=load_project(text), folder=Path(), runner=cast("Any", None), identity="test")


def test_a_model_is_made_to_withstand_the_adversary_whom_assurance_plays() -> None:
    robustness = robustness_of(journey(PROJECT))
    assert robustness
    assert (robustness.settings.budget, robustness.settings.rounds) == (0.25, 2)
    assert robustness.adversary == Adversary(("age",), {"income": 3}, ("a + b",), Norm.LINF)


@pytest.mark.parametrize(
    ("persons", "most"), [(["a", "b", "a", None, None, None], 2), ([None, None], 1), (["a", "b"], 1)]
)
def test_the_most_rows_of_a_person_are_counted(persons: list[str | None], most: int) -> None:
    made = journey(PROJECT.replace("label: y", "label: y, subject_id: who"))
    made.__dict__["raw_dataset"] = SimpleNamespace(table=pa.table({"who": pa.array(persons, pa.string())}))
    assert _rows_of_a_person(made) == most
    assert _rows_of_a_person(journey(PROJECT)) == 1


def test_without_the_setting_training_is_plain() -> None:
    assert robustness_of(journey(PROJECT.replace(", robust: {budget: 0.25, rounds: 2}", ""))) is None
