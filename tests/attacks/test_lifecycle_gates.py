"""Every way to talk a gate open through the whole stack: wrong role, laxer settings, other digests, other clocks."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.ledger.book import EvidenceBook
from secmlops.lifecycle.plan import BUILT_IN
from secmlops.pipeline import journey_of, run_pipeline, survey_of
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
DATA_CONTROLS = [control for control in BUILT_IN if control.startswith("data.")]
YAML = """\
secmlops: 1
name: tiny
task: binary_classification
data: {source: t.csv, label: y, positive: 1}
training: {model: logistic_regression}
"""
TABLE = "a,b,y\n" + "".join(f"{i * 7 % 31 + 0.5},{'uvw'[i % 3]},{int(i * 5 % 7 > 2)}\n" for i in range(80))


class Told:
    """A listener that keeps what happened."""

    def __init__(self) -> None:
        self.performed: list[Evidence] = []
        self.reused: list[Evidence] = []

    def started(self, control, /) -> None:
        """Nothing to keep."""

    def finished(self, evidence: Evidence, reused: bool, /) -> None:
        """Keep the evidence."""
        (self.reused if reused else self.performed).append(evidence)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("SECMLOPS_PASSPHRASE_FILE", raising=False)
    place = tmp_path / "tiny"
    place.mkdir()
    (place / "secmlops.yaml").write_text(YAML, encoding="utf-8")
    (place / "t.csv").write_text(TABLE, encoding="utf-8")
    return place


@pytest.fixture
def at(folder: Path) -> Callable[[datetime], Workspace]:
    """Workspace of the project at a moment."""

    def opened(moment: datetime) -> Workspace:
        return Workspace(folder, clock=lambda: moment)

    return opened


@pytest.fixture
def done(at: Callable[[datetime], Workspace]) -> Workspace:
    """Workspace in which the data stage passed."""
    workspace = at(NOW)
    results, _ = run_pipeline(workspace, Told(), Stage.DATA)
    assert results[-1].verdict.open, results[-1].verdict.obstacles
    return workspace


def gate(workspace: Workspace, stage: Stage = Stage.DATA) -> tuple[bool, list[str]]:
    standing = next(s for s in survey_of(workspace) if s.stage is stage)
    return standing.verdict.open, [r.why for r in standing.verdict.obstacles]


def word(workspace: Workspace, control: str = "data.schema") -> Evidence:
    latest = workspace.book.latest(control)
    assert latest is not None
    return latest.evidence


def test_failed_evidence_shuts_the_gate_again(done: Workspace) -> None:
    done.book.append(dataclasses.replace(word(done), outcome=Outcome.FAILED), done.keys.signer(Role.ENGINEER))
    assert gate(done) == (False, ["failed"])


@pytest.mark.parametrize("role", [Role.VALIDATOR, Role.RELEASER, Role.GATEWAY, Role.LOG])
def test_a_pass_signed_in_another_role_opens_nothing(done: Workspace, role: Role) -> None:
    failed = dataclasses.replace(word(done), outcome=Outcome.FAILED)
    done.book.append(failed, done.keys.signer(Role.ENGINEER))
    done.book.append(dataclasses.replace(failed, outcome=Outcome.PASSED), done.keys.signer(role))
    is_open, (why,) = gate(done)
    assert not is_open
    assert why.startswith("signed by a key that may not attest this control")
    told = Told()
    results, _ = run_pipeline(done, told, Stage.DATA)
    assert results[-1].verdict.open
    assert "data.schema" in {e.control.id for e in told.performed}, "the run looked again, with the right key"


def test_a_pass_of_laxer_settings_opens_nothing(done: Workspace) -> None:
    lax = dataclasses.replace(word(done).control, settings=Digest.of(b"laxer"))
    done.book.append(dataclasses.replace(word(done), control=lax), done.keys.signer(Role.ENGINEER))
    assert gate(done) == (False, ["ran with other settings than the project asks for"])


def test_a_pass_about_another_table_opens_nothing(done: Workspace, folder: Path) -> None:
    (folder / "t.csv").write_text(TABLE.replace("30.5", "29.5"), encoding="utf-8")
    open_, why = gate(done.__class__(folder, clock=done.clock))
    assert not open_
    assert "evidence is about another digest" in why


def test_a_pass_made_from_another_setting_of_the_data_is_not_reused(done: Workspace, folder: Path) -> None:
    text = YAML.replace("positive: 1}", "positive: 1, protect: {b: drop}}")
    (folder / "secmlops.yaml").write_text(text, encoding="utf-8")
    told = Told()
    run_pipeline(Workspace(folder, clock=done.clock), told, Stage.DATA)
    assert {e.control.id for e in told.performed} >= {"data.schema", "data.personal", "data.protect"}


def test_stale_evidence_shuts_the_gate_and_a_run_makes_it_anew(
    done: Workspace, at: Callable[[datetime], Workspace]
) -> None:
    later = at(NOW + timedelta(days=31))
    open_, why = gate(later)
    assert not open_
    assert "stale: 31 days old, allowed 30 days" in why
    told = Told()
    results, _ = run_pipeline(later, told, Stage.DATA)
    assert results[-1].verdict.open
    assert len(told.performed) == 1 + len(DATA_CONTROLS)
    assert not told.reused


def test_a_clock_that_jumps_back_shuts_the_gate_until_a_run_speaks_again(
    done: Workspace, at: Callable[[datetime], Workspace]
) -> None:
    late = at(NOW + timedelta(days=40))
    run_pipeline(late, Told(), Stage.DATA)
    assert gate(late)[0]
    jumped = at(NOW + timedelta(days=39))
    open_, why = gate(jumped)
    assert not open_
    assert "dated in the future (2026-04-10 09:00:00 UTC)" in why
    assert gate(at(NOW + timedelta(days=40) - timedelta(minutes=4)))[0], "clocks may differ a little"
    told = Told()
    results, _ = run_pipeline(jumped, told, Stage.DATA)
    assert results[-1].verdict.open
    assert not told.reused


def test_future_dated_evidence_by_the_right_key_opens_nothing(done: Workspace) -> None:
    done.book.append(dataclasses.replace(word(done), at=NOW + timedelta(days=1)), done.keys.signer(Role.ENGINEER))
    assert gate(done)[1] == ["dated in the future (2026-03-02 09:00:00 UTC)"]
    results, _ = run_pipeline(done, Told(), Stage.DATA)
    assert results[-1].verdict.open


def test_nobody_writes_the_verdict_into_the_ledger_instead_of_the_evidence(
    folder: Path, at: Callable[[datetime], Workspace]
) -> None:
    workspace = at(NOW)
    run_pipeline(workspace, Told(), Stage.DESIGN)
    forged = dataclasses.replace(
        word(workspace, "gate.design"),
        control=dataclasses.replace(word(workspace, "gate.design").control, id="gate.data"),
        stage=Stage.DATA,
    )
    workspace.book.append(forged, workspace.keys.signer(Role.RELEASER))
    assert gate(workspace) == (False, ["no evidence"] * len(DATA_CONTROLS))


def test_evidence_copied_from_another_projects_ledger_names_other_things(
    done: Workspace, tmp_path: Path, folder: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "secmlops.yaml").write_text(YAML, encoding="utf-8")
    (other / "t.csv").write_text(TABLE + "1.5,u,1\n", encoding="utf-8")
    theirs = Workspace(other, clock=lambda: NOW)
    run_pipeline(theirs, Told(), Stage.DATA)
    entries = [(r.kind, r.data) for r in theirs.ledger.entries(0)]
    mine = Workspace(folder, clock=lambda: NOW)
    mine.ledger.append(entries)
    assert EvidenceBook(mine.ledger, mine.keys.ring()).latest("data.schema") is not None
    assert gate(mine)[0], "my own evidence about my own table still stands"
    assert journey_of(mine, Told()).raw.digest != journey_of(theirs, Told()).raw.digest


def test_what_a_control_made_is_gone_from_the_vault_so_it_is_made_again(done: Workspace, folder: Path) -> None:
    vault = folder / ".secmlops" / "vault"
    for file in vault.rglob("*"):
        if file.is_file():
            file.unlink()
    told = Told()
    results, _ = run_pipeline(Workspace(folder, clock=done.clock), told, Stage.DATA)
    assert results[-1].verdict.open
    assert {"data.schema", "data.protect"} <= {e.control.id for e in told.performed}


def test_two_runs_at_once_are_refused(done: Workspace, folder: Path) -> None:
    with done.locked(), pytest.raises(InputError, match="another run is under way"):
        run_pipeline(Workspace(folder), Told(), Stage.DESIGN)
