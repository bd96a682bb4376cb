"""Data that are due are destroyed by their keys, and a signed certificate says so."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kits.protected_project import protect_data, say_trained
from kits.small_project import write_project
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.datasets import column_store_of
from secmlops.lifecycle.retention import CONTROL, HeldData, Retention
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

START = datetime(2026, 1, 1, tzinfo=UTC)
PERIOD = timedelta(days=30)
LATE = START + timedelta(days=31)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    return write_project(tmp_path / "small", rows=300)


def run(folder: Path, now: datetime = START) -> Workspace:
    return protect_data(folder, now)[0]


def retention(workspace: Workspace) -> Retention:
    return Retention(workspace.book.all(), workspace.vault, column_store_of(workspace))


def certify(workspace: Workspace, held: HeldData, now: datetime = LATE) -> int:
    certificate = retention(workspace).destroy(held, PERIOD, now)
    assert certificate.outcome is Outcome.PASSED
    return workspace.book.append(certificate, workspace.keys.signer(Role.ENGINEER)).index


def test_data_are_kept_until_their_day(folder: Path) -> None:
    workspace = run(folder)
    (held,) = retention(workspace).held(PERIOD, START)
    assert held.until - held.since == PERIOD
    assert held.objects == held.left
    assert len(held.left) == 3
    assert not held.is_due(held.until)
    assert held.is_due(held.until + timedelta(seconds=1))
    with pytest.raises(InputError, match="not due"):
        retention(workspace).destroy(held, PERIOD, held.until)


def test_what_is_due_is_gone_for_good_and_certified(folder: Path) -> None:
    workspace = run(folder)
    (held,) = retention(workspace).held(PERIOD, LATE)
    entry = certify(workspace, held)
    (after,) = retention(workspace).held(PERIOD, LATE)
    assert (after.left, after.certificate, after.is_due(LATE)) == ((), entry, False)
    assert column_store_of(workspace).list() == ()
    for address in held.objects:
        with pytest.raises(InputError):
            workspace.vault.read(address.digest, address.kind)
    (certificate,) = [a for a in workspace.book.all() if a.evidence.control.id == CONTROL]
    assert certificate.roles == {"engineer"}
    assert set(certificate.evidence.materials.values()) >= {address.digest for address in held.objects}
    assert certificate.evidence.measures["destroyed_objects"] == len(held.objects)


def test_a_destruction_that_was_interrupted_is_finished(folder: Path) -> None:
    workspace = run(folder)
    (held,) = retention(workspace).held(PERIOD, LATE)
    first = held.left[0]
    workspace.vault.destroy(first.digest, first.kind)
    (half,) = retention(workspace).held(PERIOD, LATE)
    assert len(half.left) == len(held.left) - 1
    assert half.is_due(LATE)
    certify(workspace, half)
    certificate = workspace.book.all()[-1].evidence
    assert first.digest in certificate.materials.values()


def test_a_destruction_that_nobody_certified_is_certified(folder: Path) -> None:
    workspace = run(folder)
    (held,) = retention(workspace).held(PERIOD, LATE)
    retention(workspace).destroy(held, PERIOD, LATE)
    (gone,) = retention(workspace).held(PERIOD, LATE)
    assert gone.left == ()
    assert gone.is_due(LATE)


def test_data_that_came_back_are_due_again(folder: Path) -> None:
    workspace = run(folder)
    (held,) = retention(workspace).held(PERIOD, LATE)
    certify(workspace, held)
    again = run(folder, LATE)
    (back,) = retention(again).held(PERIOD, LATE)
    assert back.since == held.since
    assert back.is_due(LATE)


def test_newer_data_stay(folder: Path) -> None:
    run(folder)
    with (folder / "loans.csv").open("a") as file:
        file.write("1000.0,2000.0,1,car,0\n")
    workspace = run(folder, START + timedelta(days=20))
    old, new = retention(workspace).held(PERIOD, LATE)
    assert (old.is_due(LATE), new.is_due(LATE)) == (True, False)
    assert not {a.digest for a in old.objects} & {a.digest for a in new.objects if a in new.left and a.kind == "source"}
    certify(workspace, old)
    _, kept = retention(workspace).held(PERIOD, LATE)
    assert kept.left == new.left


def test_what_a_younger_table_shares_is_not_destroyed(folder: Path) -> None:
    text = (folder / "secmlops.yaml").read_text()
    table = (folder / "loans.csv").read_text().splitlines()
    (folder / "secmlops.yaml").write_text(text.replace("  positive: 1\n", "  positive: 1\n  protect: {note: drop}\n"))

    def with_note(note: str) -> str:
        return "\n".join([f"{table[0]},note", *(f"{line},{note}{i}" for i, line in enumerate(table[1:])), ""])

    (folder / "loans.csv").write_text(with_note("a"))
    run(folder)
    (folder / "loans.csv").write_text(with_note("b"))
    workspace = run(folder, START + timedelta(days=20))
    old, new = retention(workspace).held(PERIOD, LATE)
    protected = {a.digest for a in new.objects if "protected" in a.kind}
    assert protected
    assert not protected & {a.digest for a in old.objects}
    certify(workspace, old)
    assert column_store_of(workspace).list() == tuple(protected)


def test_models_stay_and_are_named(folder: Path) -> None:
    workspace, journey = protect_data(folder, START)
    model = say_trained(workspace, journey, START).subject.digest
    (held,) = retention(workspace).held(PERIOD, LATE)
    assert held.models == (model,)
    assert model not in {a.digest for a in held.objects}
    assert any(a.kind == "training-run-holdout_outputs" for a in held.objects)
    certify(workspace, held)
    certificate = workspace.book.all()[-1].evidence
    assert model in certificate.materials.values()
    assert [f.rule for f in certificate.findings] == ["retention.destroyed", "retention.models"]
    assert workspace.vault.has(model, "training-run-model-onnx")


def test_an_empty_ledger_holds_nothing(folder: Path) -> None:
    workspace = Workspace(folder, lambda: START)
    assert retention(workspace).held(PERIOD, LATE) == ()
