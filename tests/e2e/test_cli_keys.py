"""``secmlops keys``: made, listed, rotated; a passphrase protects them, and nothing signed before is lost."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from secmlops.trust.roles import Role
from secmlops.workspace import Workspace


@pytest.fixture
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "my keys"
    monkeypatch.setenv("SECMLOPS_KEYS", str(folder))
    return folder


@pytest.fixture
def passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "passphrase"
    file.write_text("correct horse battery staple\n", encoding="utf-8")
    monkeypatch.setenv("SECMLOPS_PASSPHRASE_FILE", str(file))
    return file


def test_keys_are_made_once_and_listed_without_secrets(own_keys: Path, secmlops) -> None:
    first = secmlops("keys", "init", "--json").data
    assert secmlops("keys", "init", "--json").data == first
    assert {k["role"] for k in first["keys"]} == {*Role, "key-encryption"}
    assert stat.S_IMODE(own_keys.stat().st_mode) == 0o700
    said = secmlops("keys", "list")
    assert max(map(len, said.out.splitlines()[:-1])) <= 100
    assert "PRIVATE" not in said.out


def test_listing_before_there_are_keys_says_what_to_do(own_keys: Path, secmlops) -> None:
    said = secmlops("keys", "list")
    assert said.code == 2
    assert "secmlops keys init" in said.err
    assert not own_keys.exists()


def test_a_passphrase_is_asked_for_and_a_wrong_one_refused(
    own_keys: Path, passphrase: Path, secmlops, tiny: Path
) -> None:
    assert secmlops("keys", "init").code == 0
    assert "passphrase" in secmlops("keys", "list").out
    assert secmlops("run", "-C", tiny, "--until", "design").code == 0
    passphrase.write_text("wrong", encoding="utf-8")
    for verb in (["keys", "list"], ["run", "-C", tiny], ["status", "-C", tiny], ["keys", "rotate", "log"]):
        said = secmlops(*verb)
        assert said.code == 2, verb
        assert "passphrase" in said.err
        assert "correct horse" not in said.err


def test_without_the_passphrase_nothing_opens(
    own_keys: Path, passphrase: Path, secmlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secmlops("keys", "init").code == 0
    monkeypatch.delenv("SECMLOPS_PASSPHRASE_FILE")
    said = secmlops("keys", "list")
    assert said.code == 2
    assert "SECMLOPS_PASSPHRASE_FILE" in said.err


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"", b"\n"])
def test_a_passphrase_file_that_holds_none_is_refused(
    own_keys: Path, passphrase: Path, content: bytes | None, secmlops
) -> None:
    if content is None:
        passphrase.unlink()
    else:
        passphrase.write_bytes(content)
    said = secmlops("keys", "init")
    assert said.code == 2
    assert "SECMLOPS_PASSPHRASE_FILE" in said.err or "passphrase" in said.err
    assert "Errno" not in said.err


def test_rotated_keys_leave_everything_before_valid_and_work_for_what_follows(
    small_project: Path, project: Path, tmp_path: Path, secmlops, monkeypatch: pytest.MonkeyPatch, edit
) -> None:
    keys = tmp_path / "keys"
    shutil_copy(Path(os.environ["SECMLOPS_KEYS"]), keys)
    monkeypatch.setenv("SECMLOPS_KEYS", str(keys))
    before = secmlops("keys", "list", "--json").data["keys"]
    for role in (*Role, "key-encryption"):
        assert secmlops("keys", "rotate", role).code == 0
    after = secmlops("keys", "list", "--json").data["keys"]
    assert len(after) == 2 * len(before)
    release = project / "releases" / "credit-risk-1"
    assert secmlops("verify", release).code == 0, "what the old keys signed stays signed"
    assert secmlops("audit", "verify", "-C", project).code == 0
    reused = secmlops("run", "-C", project, "--json").data
    assert (reused["gate"], reused["reused"]) == ("open", 14), "old evidence holds"
    edit(project, "serving:", "controls: {assurance.fit: {resamples: 100}}\nserving:")
    assert secmlops("run", "-C", project).code == 0
    assert Workspace(project).release_names() == ["credit-risk-1", "credit-risk-2"]
    for name in ("credit-risk-1", "credit-risk-2"):
        assert secmlops("verify", project / "releases" / name).code == 0, name
    assert secmlops("audit", "verify", "-C", project).code == 0


def shutil_copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target)


def test_a_revoked_key_closes_the_gate_until_another_speaks(
    project: Path, tmp_path: Path, secmlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys"
    shutil_copy(Path(os.environ["SECMLOPS_KEYS"]), keys)
    monkeypatch.setenv("SECMLOPS_KEYS", str(keys))
    provider = Workspace(project).keys
    old = provider.signer(Role.VALIDATOR).key_id
    assert secmlops("keys", "rotate", "validator").code == 0
    provider.revoke(old)
    said = secmlops("status", "-C", project)
    assert "the gate of stage assurance is shut" in said.out
    assert "may not attest" in said.out
    assert secmlops("verify", project / "releases" / "credit-risk-1").code == 1
    data = secmlops("run", "-C", project, "--json").data
    assert data["gate"] == "open"
    assert data["reused"] < 14


def test_keys_open_to_others_are_refused(own_keys: Path, secmlops) -> None:
    assert secmlops("keys", "init").code == 0
    own_keys.chmod(0o755)
    said = secmlops("keys", "list")
    assert said.code == 2
    assert str(own_keys) in said.err


def test_a_changed_key_file_is_told_and_not_used(own_keys: Path, secmlops) -> None:
    assert secmlops("keys", "init").code == 0
    index = own_keys / "index"
    data = bytearray(index.read_bytes())
    data[len(data) // 2] ^= 1
    index.write_bytes(data)
    assert secmlops("keys", "list").code == 1


def test_a_role_that_does_not_exist_is_refused(own_keys: Path, secmlops) -> None:
    said = secmlops("keys", "rotate", "king", "--json")
    assert said.code == 2
    assert "'king' is not one of" in said.data["error"]["what"]
