"""What is demanded of the table that is learnt from decides what everything after it sees."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kits.protected_project import protect_data
from kits.small_project import write_project
from secmlops.core.evidence import Outcome
from secmlops.core.stage import Stage
from secmlops.datasets import column_store_of
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.run import gate_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ASKED = """\
  positive: 1
  anonymise:
    k: {k}
    quasi_identifiers: {{monthly_income: {{}}, open_loans: {{}}, purpose: {{}}}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    return write_project(tmp_path / "small", 200)


def ask(folder: Path, k: int) -> None:
    file = folder / "secmlops.yaml"
    head, _, rest = file.read_text().partition("  positive: 1\n")
    file.write_text(head + ASKED.format(k=k) + rest.partition("training:")[1] + rest.partition("training:")[2])


def performed(folder: Path) -> Journey:
    return protect_data(folder, NOW, "data.anonymise", "data.leakage")[1]


def test_without_a_demand_the_protected_table_is_learnt_from(folder: Path) -> None:
    journey = performed(folder)
    assert journey.evidence["data.anonymise"].measures == {"classes": 0.0}
    assert (journey.learnt, journey.anonymised) == (journey.protected, None)
    assert journey.prepared.train.inputs.numeric.shape[1] == 3


def test_with_one_everything_after_it_works_with_the_anonymised_table(folder: Path) -> None:
    ask(folder, 10)
    journey = performed(folder)
    assert journey.anonymised is not None
    assert journey.learnt == journey.anonymised != journey.protected
    assert journey.evidence["data.leakage"].subject == journey.anonymised
    assert gate_of(journey, Stage.DATA).subject == journey.anonymised
    quasi = ["monthly_income", "open_loans", "purpose"]
    counts = journey.learnt_dataset.table.group_by(quasi).aggregate([([], "count_all")])["count_all"].to_pylist()
    assert min(counts) == journey.evidence["data.anonymise"].measures["k"] >= 10
    assert journey.prepared.train.inputs.numeric.shape[1] == 3
    assert set(json.loads(journey.product("data.anonymise", "loss"))) == set(quasi)


def test_the_table_is_kept_by_column_and_found_by_its_digest(folder: Path) -> None:
    ask(folder, 10)
    journey = performed(folder)
    assert journey.anonymised is not None
    workspace, again = protect_data(folder, NOW, "data.anonymise")
    assert again.anonymised == journey.anonymised
    assert column_store_of(workspace).rows(journey.anonymised.digest) == 200


def test_another_demand_changes_nothing_before_it_and_all_after(folder: Path) -> None:
    ask(folder, 10)
    before = performed(folder).evidence
    ask(folder, 40)
    after = performed(folder).evidence
    assert after["data.protect"] == before["data.protect"]
    assert after["data.anonymise"].measures["k"] >= 40
    assert after["data.leakage"].subject != before["data.leakage"].subject


def test_a_demand_that_cannot_be_met_stops_before_anything_is_learnt_from(folder: Path) -> None:
    ask(folder, 201)
    journey = performed(folder)
    assert journey.evidence["data.anonymise"].outcome is Outcome.ERRORED
    assert "k is 201, but the table has 200 rows" in journey.evidence["data.anonymise"].findings[0].message
    assert journey.learnt is None
