"""Ways round the governance of data: none of them leads to a model, or to data that stay unseen."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kits.protected_project import protect_data
from kits.small_project import PROJECT, write_project
from secmlops.core.evidence import Outcome
from secmlops.core.stage import Stage
from secmlops.datasets import column_store_of
from secmlops.lifecycle.retention import Retention
from secmlops.lifecycle.run import gate_of
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PERIOD = timedelta(days=30)
GOVERNANCE = """\
  governance:
    purpose: [scoring]
    legal_basis: contract
    source: loan desk
    owner: risk
    retention: 30 d
    sensitivity: internal
training:
  purpose: {purpose}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    return write_project(tmp_path / "small", rows=300)


@pytest.mark.parametrize("purpose", ["advertising", "Scoring", "scoring.", '"scoring "', '"scoring\\u200b"'])
def test_a_purpose_that_only_looks_alike_trains_nothing(folder: Path, purpose: str) -> None:
    text = PROJECT.replace("training:\n", GOVERNANCE.format(purpose=purpose))
    (folder / "secmlops.yaml").write_text(text)
    workspace, journey = protect_data(folder, NOW)
    assert journey.evidence["data.governance"].outcome is Outcome.FAILED
    verdict = gate_of(journey, Stage.DATA).judge(workspace.book, NOW)
    (reason,) = [r for r in verdict.obstacles if r.rule == "data.governance must pass"]
    assert "may be used for scoring, and not for" in reason.why


def test_looking_at_old_data_again_makes_them_no_younger(folder: Path) -> None:
    (folder / "secmlops.yaml").write_text(PROJECT.replace("training:\n", GOVERNANCE.format(purpose="scoring")))
    protect_data(folder, NOW - timedelta(days=60))
    protect_data(folder, NOW - timedelta(days=1))
    workspace = Workspace(folder, lambda: NOW)
    (held,) = Retention(workspace.book.all(), workspace.vault, column_store_of(workspace)).held(PERIOD, NOW)
    assert held.since == NOW - timedelta(days=60)
    assert held.is_due(NOW)


def test_a_certificate_by_a_key_that_may_not_give_it_certifies_nothing(folder: Path) -> None:
    protect_data(folder, NOW - timedelta(days=60))
    workspace = Workspace(folder, lambda: NOW)

    def held() -> list[bool]:
        retention = Retention(workspace.book.all(), workspace.vault, column_store_of(workspace))
        return [data.is_due(NOW) for data in retention.held(PERIOD, NOW)]

    retention = Retention(workspace.book.all(), workspace.vault, column_store_of(workspace))
    certificate = retention.destroy(retention.held(PERIOD, NOW)[0], PERIOD, NOW)
    workspace.book.append(certificate, workspace.keys.signer(Role.VALIDATOR))
    assert held() == [True]
    workspace.book.append(certificate, workspace.keys.signer(Role.ENGINEER))
    assert held() == [False]


def test_a_certificate_from_another_ledger_certifies_nothing(folder: Path, tmp_path: Path) -> None:
    protect_data(folder, NOW - timedelta(days=60))
    other = Workspace(write_project(tmp_path / "other", rows=300), lambda: NOW)
    ours = Workspace(folder, lambda: NOW)
    retention = Retention(ours.book.all(), ours.vault, column_store_of(ours))
    (held,) = retention.held(PERIOD, NOW)
    certificate = retention.destroy(held, PERIOD, NOW)
    foreign = other.book.append(certificate, other.keys.signer(Role.ENGINEER))
    (record,) = other.ledger.entries(foreign.index, "evidence")
    ours.ledger.append([("evidence", record.data)])
    assert Retention(ours.book.all(), ours.vault, column_store_of(ours)).held(PERIOD, NOW)[0].is_due(NOW)
