"""What is served is what was verified: releases that were changed, swapped or overtaken by a later verdict."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from kits.small_project import released_copy
from secmlops.cli.main import _run
from secmlops.core.errors import InputError, SecmlopsError, VerificationError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.gateway.loading import load
from secmlops.gateway.serve import Address, prepare_serving
from secmlops.release.bundle import read_release
from secmlops.release.names import EVIDENCE_FILE, MODEL_FILE, PART_FILES
from secmlops.trust.canonical import digest_of
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

NAME = "small-1"


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    return folder


def served(project: Path) -> int:
    """Exit code of an attempt to serve that must fail before it serves."""
    return int(_run(["serve", "-C", str(project), "--port", "0"]))


def release_folder(project: Path) -> Path:
    return project / "releases" / NAME


def rewrite(path: Path, change) -> None:
    path.write_bytes(change(path.read_bytes()))


def test_the_release_as_it_was_made_is_served(project):
    workspace = Workspace(project)
    assert load(workspace, workspace.release()).name == "small"


FILES = sorted({*PART_FILES, "release.json", "release.dsse.json", "model.onnx.c2sp", "signature.json.c2sp"})


@pytest.mark.parametrize("file", FILES)
def test_a_release_with_a_changed_file_is_not_served(project, file, capsys):
    def flipped(data: bytes) -> bytes:
        middle = len(data) // 2
        return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]

    rewrite(release_folder(project) / file, flipped)
    assert served(project) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_a_release_with_a_file_too_many_or_too_few_is_not_served(project):
    (release_folder(project) / "more").write_bytes(b"")
    assert served(project) == 1
    (release_folder(project) / "more").unlink()
    (release_folder(project) / EVIDENCE_FILE).unlink()
    assert served(project) == 1


def test_a_release_without_its_verdict_is_not_served(project):
    def without_gate(data: bytes) -> bytes:
        return b"".join(line for line in data.splitlines(keepends=True)[:-1])

    rewrite(release_folder(project) / EVIDENCE_FILE, without_gate)
    assert served(project) == 1


def test_a_release_by_somebody_elses_keys_is_not_served(project, tmp_path, monkeypatch):
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "stranger"))
    with pytest.raises(SecmlopsError):
        Workspace(project).release()
    workspace = Workspace(project)
    with pytest.raises(SecmlopsError):
        load(workspace, read_release(release_folder(project)))


def test_a_release_of_another_project_with_the_same_keys_is_not_served(project, tmp_path, tmp_path_factory):
    other = released_copy(tmp_path_factory, tmp_path / "again")
    (other / ".secmlops" / "identity").write_text("small/0000000000000000")
    shutil.rmtree(other / ".secmlops" / "vault")
    for file in (other / ".secmlops").glob("ledger.db*"):
        file.unlink()
    workspace = Workspace(other)
    with pytest.raises(InputError, match="no release yet"):
        workspace.release()
    with pytest.raises(SecmlopsError):
        load(workspace, read_release(release_folder(other)))


def test_a_model_replaced_on_disk_after_it_was_verified_does_not_matter(project):
    workspace = Workspace(project)
    read = workspace.release()
    before = load(workspace, read)
    for path in release_folder(project).iterdir():
        path.write_bytes(b"replaced")
    after = load(workspace, read)
    shutil.rmtree(release_folder(project))
    row = {"monthly_income": [2500.0], "loan_amount": [9000.0], "open_loans": [1], "purpose": ["car"]}
    inputs = before.predictor.signature.encode(row)
    assert np.array_equal(before.predictor.predict(inputs), after.predictor.predict(inputs))
    assert before.predictor.digest == after.predictor.digest == read.manifest.model


def test_opened_bytes_that_are_not_the_releases_are_not_loaded(project, monkeypatch):
    workspace = Workspace(project)
    read = workspace.release()
    opened = workspace.opened(read)
    monkeypatch.setattr(workspace, "opened", lambda _: {**opened, MODEL_FILE: opened[MODEL_FILE] + b"\0"})
    with pytest.raises(VerificationError, match="model bytes"):
        load(workspace, read)


def later_verdict(workspace: Workspace, outcome: Outcome) -> None:
    """Append a word of the gate about the released model."""
    manifest = workspace.release().manifest
    evidence = Evidence(
        control=ControlRef("gate.release", "1", digest_of({})),
        stage=Stage.RELEASE,
        subject=Subject(SubjectKind.MODEL, "small", manifest.model),
        outcome=outcome,
        at=manifest.at + timedelta(days=1),
    )
    workspace.book.append(evidence, workspace.keys.signer(Role.RELEASER))


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED])
def test_a_model_that_the_gate_has_since_refused_is_not_served(project, outcome):
    workspace = Workspace(project)
    later_verdict(workspace, outcome)
    with pytest.raises(VerificationError, match="has been shut for this model"):
        load(workspace, workspace.release())
    assert served(project) == 1
    later_verdict(workspace, Outcome.PASSED)
    assert load(workspace, workspace.release()).version == "1"


def test_a_ledger_that_was_begun_anew_knows_no_verdict(project):
    for file in (project / ".secmlops").glob("ledger.db*"):
        file.unlink()
    workspace = Workspace(project)
    with pytest.raises(InputError, match="no release yet"):
        workspace.release()
    with pytest.raises(VerificationError, match="no verdict"):
        load(workspace, read_release(release_folder(project)))


def test_nothing_is_put_on_record_for_a_release_that_is_not_served(project):
    workspace = Workspace(project)
    size = workspace.ledger.size
    rewrite(release_folder(project) / EVIDENCE_FILE, lambda data: data[:-1])
    with pytest.raises(VerificationError):
        prepare_serving(workspace, None, Address("127.0.0.1", 0))
    assert workspace.ledger.size == size


def test_serving_in_clear_leaves_evidence(project):
    workspace = Workspace(project)
    prepare_serving(workspace, None, Address("127.0.0.1", 0, None))
    evidence = workspace.book.latest("serving.start").evidence
    assert [f.rule for f in evidence.findings] == ["serving.no-tls"]
    assert evidence.measures["tls"] == 0.0
    prepare_serving(workspace, None, Address("127.0.0.1", 0))
    evidence = workspace.book.latest("serving.start").evidence
    assert (evidence.findings, evidence.measures["tls"]) == ((), 1.0)


def test_the_record_of_the_start_names_the_release_and_the_model(project):
    workspace = Workspace(project)
    serving = prepare_serving(workspace, None, Address("127.0.0.1", 0))
    evidence = workspace.book.latest("serving.start").evidence
    assert evidence.subject.digest == serving.served.release
    assert evidence.materials["model"] == workspace.release().manifest.model
    assert json.loads(json.dumps(evidence.measures)) == {
        "tls": 1.0, "loopback": 1.0, "client_certificates": 0.0, "durable": 1.0, "workers": 1.0, "guard": 1.0
    }  # fmt: skip
