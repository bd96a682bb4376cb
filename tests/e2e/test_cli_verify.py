"""``secmlops verify``: what is genuine verifies offline, and each thing that was touched does not."""

import json
import re
import shutil
from pathlib import Path

import pytest

from secmlops.core.digest import Digest
from secmlops.trust.model_signing import sign_model
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace


def release_of(folder: Path) -> Path:
    return folder / "releases" / "credit-risk-1"


def flat(text: str) -> str:
    """Text of a table cell, whatever the lines it was broken into."""
    return re.sub(r"\s+", "", text)


def flip(path: Path, where: float = 0.5) -> None:
    data = bytearray(path.read_bytes())
    data[int((len(data) - 1) * where)] ^= 1
    path.write_bytes(data)


def test_a_release_verifies(small_project: Path, secmlops) -> None:
    said = secmlops("verify", release_of(small_project))
    assert said.code == 0
    assert "✓ verified: 11 checks hold" in said.out
    data = secmlops("verify", release_of(small_project), "--json").data
    assert data["verified"] is True
    assert data["facts"]["name"] == "credit-risk"


def test_a_release_elsewhere_verifies_with_the_public_keys_when_it_may_stay_sealed(
    small_project: Path, tmp_path: Path, secmlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Path(shutil.copytree(release_of(small_project), tmp_path / "away" / "releases" / "credit-risk-1"))
    trust = tmp_path / "trust.json"
    trust.write_bytes(Workspace(small_project).keys.ring().to_json())
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "no-keys-here"))
    unopened = secmlops("verify", away, "--trust", trust)
    assert unopened.code == 1
    assert "not verified: model bytes" in unopened.out
    assert "--sealed" in unopened.out.partition("what to do: ")[2]
    sealed = secmlops("verify", away, "--trust", trust, "--sealed")
    assert sealed.code == 0, sealed.out
    assert "not checked, as you asked: model bytes" in sealed.out
    assert not (tmp_path / "no-keys-here").exists()


def test_a_release_by_a_stranger_does_not_verify(
    small_project: Path, tmp_path: Path, secmlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "other"))
    assert secmlops("keys", "init").code == 0
    said = secmlops("verify", release_of(small_project), "--sealed", "--json")
    assert said.code == 1
    failed = {c["name"] for c in said.data["checks"] if not c["ok"]}
    assert {"manifest signature", "evidence", "checkpoint"} <= failed


def test_each_file_of_a_release_is_held_to_the_signature(project: Path, secmlops) -> None:
    release = release_of(project)
    files = sorted(p for p in release.rglob("*") if p.is_file())
    assert len(files) >= 10
    for file in files:
        genuine = file.read_bytes()
        flip(file)
        said = secmlops("verify", release, "--json")
        assert said.code == 1, f"{file.name} was changed and nobody noticed"
        file.write_bytes(genuine)
        file.unlink()
        said = secmlops("verify", release, "--json")
        assert said.code in (1, 2), f"{file.name} was removed and nobody noticed"
        file.write_bytes(genuine)
    assert secmlops("verify", release).code == 0


def test_a_file_of_another_size_or_content_is_named_with_what_was_expected_and_found(project: Path, secmlops) -> None:
    file = release_of(project) / "bom.cdx.json"
    genuine = file.read_bytes()
    size = len(genuine)
    for changed, found in ((genuine + b"xyz", f"{size + 3:,} found"), (genuine[:-1], f"{size - 1:,} found")):
        file.write_bytes(changed)
        said = secmlops("verify", release_of(project))
        assert said.code == 1
        assert flat(f"{file.name}: not the file of the manifest: {size:,} bytes expected, {found}") in flat(said.out)
        assert "what to do: do not use it" in said.out
    file.write_bytes(genuine)
    flip(file)
    checks = {c["name"]: c for c in secmlops("verify", release_of(project), "--json").data["checks"]}
    expected, found = Digest.of(genuine).short, Digest.of(file.read_bytes()).short
    told = f"not the file of the manifest: sha256 {expected}… expected, {found}… found"
    assert checks["files"] == {"name": "files", "ok": False, "detail": f"{file}: {told}"}
    assert {name for name, check in checks.items() if not check["ok"]} == {"files", "bill of materials"}


def test_every_damage_of_a_release_names_the_file_and_says_what_to_do(project: Path, secmlops) -> None:
    release = release_of(project)
    for file in sorted(p for p in release.rglob("*") if p.is_file()):
        genuine = file.read_bytes()
        flip(file)
        said = secmlops("verify", release)
        assert file.name in flat(said.out + said.err), file.name
        assert "what to do: " in said.out + said.err, file.name
        file.unlink()
        said = secmlops("verify", release)
        assert file.name in flat(said.out + said.err), file.name
        assert "what to do: " in said.out + said.err
        file.write_bytes(genuine)


def test_a_file_that_was_added_is_noticed(project: Path, secmlops) -> None:
    (release_of(project) / "extra.bin").write_bytes(b"x")
    said = secmlops("verify", release_of(project))
    assert said.code == 1
    assert "extra.bin" in said.out
    assert "✗ DOES NOT HOLD" in said.out


@pytest.fixture
def receipt(small_project: Path, tmp_path: Path, secmlops) -> Path:
    file = tmp_path / "entry.tlog-proof"
    said = secmlops("audit", "prove", 3, "-C", small_project, "--output", file)
    assert said.code == 0
    return file


def test_a_receipt_verifies(receipt: Path, secmlops) -> None:
    said = secmlops("verify", receipt, "--json")
    assert said.code == 0
    assert said.data["facts"]["index"] == 3
    assert said.data["facts"]["kind"] == "evidence"
    assert "✓ verified" in secmlops("verify", receipt).out


def test_every_line_of_a_receipt_counts(receipt: Path, secmlops) -> None:
    genuine = receipt.read_bytes()
    for step in range(20, 100, 4):
        flip(receipt, step / 100)
        said = secmlops("verify", receipt)
        assert said.code == 1, f"a flip at {step} % went unnoticed"
        assert str(receipt) in said.err
        assert "what to do: " in said.err
        receipt.write_bytes(genuine)
    for keep in (0.3, 0.6, 0.95):
        receipt.write_bytes(genuine[: int(len(genuine) * keep)])
        assert secmlops("verify", receipt).code == 1
    receipt.write_bytes(genuine + b"x" * 5_000_000)
    assert secmlops("verify", receipt).code == 1


def test_a_signed_file_verifies_until_it_or_its_signature_changes(
    small_project: Path, tmp_path: Path, secmlops
) -> None:
    model = tmp_path / "model.bin"
    model.write_bytes(b"weights" * 100)
    signer = Workspace(small_project).keys.signer(Role.MODEL)
    signature = tmp_path / "model.bin.sig"
    signature.write_bytes(sign_model({"model.bin": model.read_bytes()}, signer, "model"))
    assert secmlops("verify", model).code == 0
    elsewhere = Path(shutil.move(signature, tmp_path / "detached"))
    assert secmlops("verify", model).code == 2
    assert secmlops("verify", model, "--signature", elsewhere).code == 0
    flip(elsewhere)
    unsigned = secmlops("verify", model, "--signature", elsewhere)
    assert unsigned.code == 1
    assert str(elsewhere) in unsigned.err
    flip(elsewhere)
    flip(model)
    said = secmlops("verify", model, "--signature", elsewhere)
    assert said.code == 1
    assert said.err.startswith(f"error: {model}: files were changed: model.bin")
    assert f"this is sha256 {Digest.of(model.read_bytes()).short}" in said.err


@pytest.mark.parametrize("name", ["missing", "plain", "empty", "folder", "garbage-receipt"])
def test_what_carries_no_signature_is_told_so(tmp_path: Path, small_project: Path, name: str, secmlops) -> None:
    (tmp_path / "plain").write_text("hello", encoding="utf-8")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    (tmp_path / "garbage-receipt").write_bytes(b"c2sp.org/tlog-proof@v1\n\xff\xfe\x00 not one")
    said = secmlops("verify", tmp_path / name, "--json")
    assert said.code == (1 if name in ("garbage-receipt", "folder") else 2)
    assert said.data["error"]["what"]
    assert json.loads(said.out)["exit_code"] == said.code


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"keys": 3}'])
def test_a_trust_file_that_is_none_is_refused(small_project: Path, tmp_path: Path, content: bytes, secmlops) -> None:
    trust = tmp_path / "trust.json"
    trust.write_bytes(content)
    said = secmlops("verify", release_of(small_project), "--trust", trust)
    assert said.code in (1, 2)


def test_without_keys_the_way_to_trust_is_told(
    small_project: Path, tmp_path: Path, secmlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "none"))
    said = secmlops("verify", release_of(small_project), "--sealed")
    assert said.code == 2
    assert "--trust" in said.err
    assert secmlops("verify", release_of(small_project), "--trust", tmp_path / "missing.json").code == 2


def test_status_and_run_tell_of_a_release_that_was_changed(project: Path, secmlops) -> None:
    assert "does not hold" not in secmlops("status", "-C", project).out
    flip(release_of(project) / "bom.cdx.json")
    status = secmlops("status", "-C", project)
    assert "the latest release, credit-risk-1, does not hold: " in status.out
    assert "bom.cdx.json" in secmlops("status", "-C", project, "--json").data["damage"]
    run = secmlops("run", "-C", project)
    assert run.code == 1
    assert "releases/credit-risk-1/bom.cdx.json" in run.err
    assert "move its folder away" in run.err
