"""The lineage of a project, as a user asks for it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from kits.protected_project import protect_data
from kits.small_project import write_project
from secmlops.cli.data.lineage import command
from secmlops.core.stage import Stage
from secmlops.lifecycle.run import gate_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    folder = write_project(tmp_path / "small")
    workspace, journey = protect_data(folder, NOW)
    gate = gate_of(journey, Stage.DATA)
    gate.record(workspace.book, gate.judge(workspace.book, NOW), journey.runner.signer(Stage.RELEASE), NOW)
    return folder


def test_it_is_drawn_told_and_written(project: Path, tmp_path: Path) -> None:
    drawn = CliRunner().invoke(command, ["protected", "-C", str(project)], standalone_mode=False)
    assert drawn.exception is None, drawn.output
    assert "data.protect" in drawn.output
    assert drawn.output.index("came from") < drawn.output.index("source ") < drawn.output.index("nothing yet")
    file = tmp_path / "events.json"
    told = CliRunner().invoke(
        command, ["source", "-C", str(project), "--json", "--openlineage", str(file)], standalone_mode=False
    )
    data = json.loads(told.output)
    assert data["names"][0] == "source"
    assert "data.protect" in [d["control"] for d in data["downstream"]]
    events = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert {e["job"]["name"] for e in events} == {"data.schema", "data.personal", "data.governance", "data.protect"}
    assert "loans.csv" not in file.read_text("utf-8")


def test_a_file_that_cannot_be_written_is_refused(project: Path, tmp_path: Path) -> None:
    target = tmp_path / "no" / "events.json"
    done = CliRunner().invoke(
        command, ["source", "-C", str(project), "--openlineage", str(target)], standalone_mode=False
    )
    assert "cannot be written" in str(done.exception)
