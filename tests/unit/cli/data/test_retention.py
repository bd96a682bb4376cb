"""What is due, as a user asks for it; and destroying it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from kits.protected_project import protect_data
from kits.small_project import write_project
from secmlops.cli.data import retention
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.datasets import column_store_of
from secmlops.ledger.audit import audit
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

GOVERNANCE = """\
  governance:
    purpose: [scoring]
    legal_basis: contract
    source: loan desk
    owner: risk
    retention: 30 d
    sensitivity: internal
training:
  purpose: scoring
"""
PAST = datetime.now(UTC) - timedelta(days=40)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    folder = write_project(tmp_path / "small", rows=300)
    file = folder / "secmlops.yaml"
    file.write_text(file.read_text().replace("training:\n", GOVERNANCE))
    return folder


def asked(project: Path, *options: str) -> dict[str, object]:
    done = CliRunner().invoke(retention.command, ["-C", str(project), "--json", *options], standalone_mode=False)
    assert done.exception is None, done.output
    answer: dict[str, object] = json.loads(done.output)
    return answer


def shown(project: Path, *options: str) -> str:
    done = CliRunner().invoke(retention.command, ["-C", str(project), *options], standalone_mode=False)
    assert done.exception is None, done.output
    return done.output


def test_nothing_is_due_on_the_first_day(project: Path) -> None:
    assert "knows no data yet" in shown(project)
    protect_data(project, datetime.now(UTC))
    answer = asked(project, "--delete", "--yes")
    assert answer["destroyed"] == []
    assert [held["due"] for held in answer["data"]] == [False]  # type: ignore[attr-defined]  # a list of objects
    assert "kept" in shown(project)


def test_what_is_due_is_told_then_destroyed_and_the_ledger_is_sound(project: Path) -> None:
    protect_data(project, PAST)
    assert "--delete --yes destroys what is due" in shown(project)
    assert "would be destroyed" in shown(project, "--delete")
    assert [held["left"] for held in asked(project, "--delete")["data"]] == [3]  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="yes to nothing"):
        retention.command.main(["-C", str(project), "--yes"], standalone_mode=False)
    assert "certificate in entry" in shown(project, "--delete", "--yes")
    answer = asked(project, "--delete", "--yes")
    assert answer["destroyed"] == []
    (held,) = answer["data"]  # type: ignore[misc]  # a list of objects
    assert (held["due"], held["left"]) == (False, 0)
    assert "destroyed, certificate in entry" in shown(project)
    workspace = Workspace(project)
    assert audit(workspace.ledger_storage(), workspace.keys.ring().keys(Role.LOG), workspace.origin).ok


def test_what_was_destroyed_is_not_stored_again_and_the_gate_is_shut(project: Path) -> None:
    protect_data(project, PAST)
    asked(project, "--delete", "--yes")
    workspace, journey = protect_data(project, datetime.now(UTC))
    assert list(journey.evidence) == ["data.governance"]
    assert "kept for 40 days" in journey.evidence["data.governance"].findings[0].message
    assert journey.raw_dataset.table.num_rows == 300  # read, and not from the vault
    assert workspace.vault.list() == ()
    assert column_store_of(workspace).list() == ()


def test_a_clock_that_was_set_back_wins_no_time(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    protect_data(project, PAST)
    _, journey = protect_data(project, PAST + timedelta(days=31))  # and the clock was right that day
    assert list(journey.evidence) == ["data.governance"]
    _, back = protect_data(project, PAST + timedelta(days=2))
    (finding, *_) = [f for f in back.evidence["data.governance"].findings if f.rule == "governance.clock"]
    assert "29.0 days behind the latest entry" in finding.message
    assert back.evidence["data.governance"].outcome is Outcome.FAILED
    monkeypatch.setattr("secmlops.workspace.system_clock", lambda: PAST)
    answer = asked(project, "--delete", "--yes")
    assert len(answer["destroyed"]) == 1  # type: ignore[arg-type]  # a list of objects


def test_without_a_period_nothing_is_said(project: Path) -> None:
    file = project / "secmlops.yaml"
    file.write_text(file.read_text().replace(GOVERNANCE, "training:\n"))
    done = CliRunner().invoke(retention.command, ["-C", str(project)], standalone_mode=False)
    assert isinstance(done.exception, InputError)
    assert "how long" in str(done.exception)
