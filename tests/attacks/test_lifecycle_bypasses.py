"""Ways around gates, releases and the ledger that once worked, each by its name."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kits.small_project import NAME, Silence, released_copy
from secmlops.access.keys import Narrowing
from secmlops.access.permissions import Action
from secmlops.cli.main import _run
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.visible import visible
from secmlops.pipeline import run_pipeline
from secmlops.trust.attestation import attest
from secmlops.trust.roles import Role
from secmlops.verification import verify_path
from secmlops.workspace import Workspace


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    return folder


def edit(project: Path, old: str, new: str) -> None:
    file = project / "secmlops.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_an_old_release_under_a_higher_number_is_not_the_latest(project: Path) -> None:
    edit(project, "seed: 7", "seed: 8")
    run_pipeline(Workspace(project), Silence())
    shutil.copytree(project / "releases" / "small-1", project / "releases" / "small-9")
    workspace = Workspace(project)
    assert workspace.release().manifest.folder == "small-2"
    with pytest.raises(InputError, match="never published"):
        workspace.release("small-9")
    shutil.rmtree(project / "releases" / "small-2")
    shutil.copytree(project / "releases" / "small-1", project / "releases" / "small-2")
    with pytest.raises(VerificationError, match="not the release that was published"):
        Workspace(project).release()


def test_a_planted_release_is_not_taken_for_published(project: Path) -> None:
    planted = project / "releases" / "small-50"
    shutil.copytree(project / "releases" / "small-1", planted)
    (planted / "model.onnx.c2sp").write_bytes(b"evil")
    _, published = run_pipeline(Workspace(project), Silence())
    assert published is not None
    assert published.folder.name == "small-1"
    edit(project, "seed: 7", "seed: 8")
    _, published = run_pipeline(Workspace(project), Silence())
    assert published is not None
    assert published.folder.name == "small-51"


def test_a_release_that_was_changed_is_not_found_again(project: Path) -> None:
    bill = project / "releases" / "small-1" / "bom.cdx.json"
    bill.write_bytes(bill.read_bytes().replace(b"CycloneDX", b"CycloneXX"))
    with pytest.raises(VerificationError):
        run_pipeline(Workspace(project), Silence())


def test_a_damaged_model_in_the_vault_is_not_published(project: Path) -> None:
    shutil.rmtree(project / "releases")
    (sealed,) = (project / ".secmlops" / "vault" / "objects" / "training-run-model-onnx").iterdir()
    data = bytearray(sealed.read_bytes())
    data[-20] ^= 1
    sealed.write_bytes(bytes(data))
    with pytest.raises(VerificationError):
        run_pipeline(Workspace(project), Silence())
    assert len(Workspace(project).release_names()) == 1


def test_a_ledger_put_back_does_not_bring_a_withdrawn_key_back(project: Path) -> None:
    _, grant = Workspace(project).administration.grant_anyone("bob", Narrowing(scopes=(Action.PREDICT,)))
    state = project / ".secmlops"
    kept = {path.name: path.read_bytes() for path in state.glob("ledger.db*")}
    Workspace(project).administration.withdraw(grant.key)
    for path in state.glob("ledger.db*"):
        path.unlink()
    for name, data in kept.items():
        (state / name).write_bytes(data)
    with pytest.raises(VerificationError, match="rolled back"):
        _ = Workspace(project).access
    assert _run(["audit", "verify", "-C", str(project)]) == 1


def test_loosened_settings_stand_in_the_verdict(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(project, "controls:", "controls:\n  assurance.fit: {maximum_gap: 1.0, notable_gap: 1.0}")
    results, _ = run_pipeline(Workspace(project), Silence())
    (rule,) = (r.rule for r in results[-1].verdict.reasons if r.rule.startswith("assurance.fit must pass"))
    assert "maximum_gap 1.0 instead of 0.35" in rule
    recorded = Workspace(project).book.latest("gate.release")
    assert recorded is not None
    assert any("maximum_gap 1.0 instead of 0.35" in f.message for f in recorded.evidence.findings)


def test_evidence_signed_for_another_ledger_counts_for_nothing(project: Path, tmp_path: Path) -> None:
    workspace = Workspace(project)
    genuine = workspace.book.latest("assurance.performance")
    assert genuine is not None
    assert genuine.roles
    foreign = replace(
        genuine.evidence, materials={**genuine.evidence.materials, "ledger": genuine.evidence.subject.digest}
    )
    envelope = attest(foreign, workspace.keys.signer(Role.VALIDATOR))
    workspace.ledger.append([("evidence", envelope)])
    latest = Workspace(project).book.latest("assurance.performance")
    assert latest is not None
    assert latest.roles == frozenset()


def test_a_receipt_names_its_log(project: Path, tmp_path: Path) -> None:
    workspace = Workspace(project)
    file = tmp_path / "receipt"
    file.write_text(workspace.ledger.receipt(0))
    verification = verify_path(file, workspace.keys.ring())
    assert verification.ok
    assert verification.facts["origin"] == workspace.origin


def test_a_sealed_release_does_not_say_its_model_was_checked(project: Path) -> None:
    workspace = Workspace(project)
    verification = verify_path(project / "releases" / "small-1", workspace.keys.ring(), sealed=True)
    assert verification.ok
    assert verification.unchecked == ("model bytes",)
    assert "model bytes" not in {check.name for check in verification.checks}


@pytest.mark.parametrize("place", ["identity", "lock"])
def test_state_that_is_no_plain_file_is_told(project: Path, place: str) -> None:
    path = project / ".secmlops" / place
    path.unlink(missing_ok=True)
    path.mkdir()
    assert _run(["run", "-C", str(project)]) in (1, 2)


def test_an_identity_of_other_bytes_is_told(project: Path) -> None:
    (project / ".secmlops" / "identity").write_bytes("prüf/0123456789abcdef".encode())
    assert _run(["status", "-C", str(project)]) == 1


def test_pipes_are_not_waited_for(project: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    ring = Workspace(project).keys.ring()
    with pytest.raises(InputError, match="plain file"):
        verify_path(pipe, ring)
    assert _run(["verify", str(project / "releases" / "small-1"), "--trust", str(pipe)]) == 2


@pytest.mark.parametrize("name", ["small-²", "small-7", "small-x"])
def test_stray_folders_beside_releases_do_no_harm(project: Path, name: str) -> None:
    (project / "releases" / name).mkdir()
    _, published = run_pipeline(Workspace(project), Silence())
    assert published is not None
    assert published.folder.name == "small-1"
    assert NAME == "small"


def test_names_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert visible("a\x1b[31mb\u202ec") == "a[U+001B][31mb[U+202E]c"
    file = tmp_path / "x\x1b[31m[red]y[blue].pkl"
    file.write_bytes(b"\x80\x04N.")
    assert _run(["scan", str(file)]) == 0
    told = capsys.readouterr().out
    assert "\x1b[31m" not in told
    assert "[red]" in told.replace("\n", "").replace(" ", "")
    assert _run(["scan", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["exit_code"] == 0
