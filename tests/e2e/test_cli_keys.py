"""``secmlops keys``: made, listed, rotated; a passphrase protects them, and nothing signed before is lost."""

import io
import os
import shutil
import stat
from pathlib import Path

import pytest

from secmlops.core.evidence import Evidence
from secmlops.lifecycle.plan import BUILT_IN
from secmlops.pipeline import Silence, run_pipeline
from secmlops.trust.roles import KeyRing, Role
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
    file.chmod(0o600)
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
    assert (reused["gate"], reused["reused"]) == ("open", len(BUILT_IN)), "old evidence holds"
    edit(project, "controls:", "controls:\n  assurance.fit: {resamples: 100}")
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
    old = Workspace(project).keys.signer(Role.VALIDATOR).key_id
    assert secmlops("keys", "rotate", "validator").code == 0
    assert secmlops("keys", "revoke", old[:16], "--yes").code == 0
    said = secmlops("status", "-C", project)
    assert "the gate of stage assurance is shut" in said.out
    assert "may not attest" in said.out
    assert secmlops("verify", project / "releases" / "credit-risk-1").code == 1
    data = secmlops("run", "-C", project, "--json").data
    assert data["gate"] == "open"
    assert data["reused"] < len(BUILT_IN)


def test_a_revoked_key_is_listed_so_and_revoking_again_changes_nothing(own_keys: Path, secmlops) -> None:
    assert secmlops("keys", "init").code == 0
    old = ids(secmlops, "engineer")[0]
    assert secmlops("keys", "rotate", "engineer").code == 0
    first = secmlops("keys", "revoke", old, "--yes", "--json").data["keys"]
    assert [k["key_id"] for k in first if k["revoked"]] == [old]
    assert secmlops("keys", "revoke", old, "--json").data["keys"] == first
    (line,) = [line for line in secmlops("keys", "list").out.splitlines() if old[:16] in line]
    assert "revoked" in line


def ids(secmlops, role: str) -> list[str]:
    return [k["key_id"] for k in secmlops("keys", "list", "--json").data["keys"] if k["role"] == role]


def test_the_only_key_of_a_role_is_not_revoked(own_keys: Path, secmlops) -> None:
    assert secmlops("keys", "init").code == 0
    for role in Role:
        said = secmlops("keys", "revoke", ids(secmlops, role)[0], "--yes")
        assert said.code == 2
        assert f"secmlops keys rotate {role}" in said.err
    assert not [k for k in secmlops("keys", "list", "--json").data["keys"] if k["revoked"]]


@pytest.mark.parametrize("key", ["", "0000000", "f" * 64, "nonsense!", "key-encryption"])
def test_what_is_no_signing_key_is_not_revoked(own_keys: Path, secmlops, key: str) -> None:
    assert secmlops("keys", "init").code == 0
    said = secmlops("keys", "revoke", key, "--yes", "--json")
    assert said.code == 2
    assert said.data["error"]["what"] == "there is no such signing key"
    wrapping = secmlops("keys", "revoke", ids(secmlops, "key-encryption")[0], "--yes")
    assert wrapping.code == 2


def test_revoking_asks_and_where_nobody_can_answer_nothing_is_revoked(
    own_keys: Path, secmlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secmlops("keys", "init").code == 0
    old = ids(secmlops, "validator")[0]
    assert secmlops("keys", "rotate", "validator").code == 0
    for options in ((), ("--json",)):
        refused = secmlops("keys", "revoke", old, *options)
        assert refused.code == 2
        assert "--yes" in refused.err
    for answer, code in (("n\n", 130), ("y\n", 0)):
        monkeypatch.setattr("sys.stdin", Terminal(answer))
        said = secmlops("keys", "revoke", old)
        assert said.code == code
        assert "opens no gate" in said.err
        assert "cannot be undone" in said.err
    assert [k["key_id"] for k in secmlops("keys", "list", "--json").data["keys"] if k["revoked"]] == [old]


class Terminal(io.StringIO):
    """Someone who answers."""

    def isatty(self) -> bool:
        """Somebody sits here."""
        return True


def test_a_log_key_is_not_revoked_while_a_ledger_hangs_on_it(
    project: Path, tmp_path: Path, secmlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys"
    shutil_copy(Path(os.environ["SECMLOPS_KEYS"]), keys)
    shutil.rmtree(keys / "checkpoints", ignore_errors=True)
    monkeypatch.setenv("SECMLOPS_KEYS", str(keys))
    assert secmlops("run", "-C", project).code == 0, "its checkpoint is remembered now"
    (old,) = ids(secmlops, "log")
    assert secmlops("keys", "rotate", "log").code == 0
    refused = secmlops("keys", "revoke", old, "--yes")
    assert refused.code == 2
    assert Workspace(project).origin in refused.err
    (keys / "checkpoints" / "0damaged").write_bytes(b"not a checkpoint")
    assert secmlops("access", "grant", "x", "-C", project).code == 0
    assert secmlops("keys", "revoke", old, "--yes").code == 0
    assert secmlops("status", "-C", project).code == 0
    assert secmlops("audit", "verify", "-C", project).code == 0


def test_the_public_keys_are_written_where_that_can_be(own_keys: Path, tmp_path: Path, secmlops) -> None:
    assert secmlops("keys", "init").code == 0
    trust = tmp_path / "trust.json"
    assert secmlops("keys", "export", trust, "--json").data["file"] == str(trust)
    assert str(trust) in secmlops("keys", "export", trust).out
    exported = {e.key.key_id for e in KeyRing.from_json(trust.read_bytes()).entries}
    assert exported == {i for role in Role for i in ids(secmlops, role)}
    said = secmlops("keys", "export", tmp_path / "no" / "trust.json")
    assert said.code == 2
    assert "cannot be written" in said.err


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


def test_a_passphrase_that_others_can_read_or_that_is_short_makes_no_keys(
    own_keys: Path, passphrase: Path, secmlops
) -> None:
    passphrase.chmod(0o644)
    said = secmlops("keys", "init")
    assert said.code == 2
    assert "open to other users" in said.err
    assert "chmod 600" in said.err
    passphrase.chmod(0o600)
    passphrase.write_text("hunter2 hunter\n", encoding="utf-8")
    said = secmlops("keys", "init")
    assert said.code == 2
    assert "14 characters, 15 are the least" in said.err
    assert "hunter2" not in said.err


def test_a_project_made_by_other_keys_says_that_it_may_be_the_keys(
    project: Path, tmp_path: Path, secmlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "others"))
    assert secmlops("keys", "init").code == 0
    for verb in (["run", "-C", project], ["status", "-C", project]):
        said = secmlops(*verb)
        assert said.code == 1
        assert f"your keys are those in {tmp_path / 'others'}" in said.err
        assert "SECMLOPS_KEYS" in said.err
    said = secmlops("verify", project / "releases" / "credit-risk-1")
    assert "SECMLOPS_KEYS" in said.out + said.err
    assert "destroy" not in said.out + said.err


class Performed(Silence):
    """A listener that keeps which controls worked."""

    def __init__(self) -> None:
        self.performed: set[str] = set()

    def finished(self, evidence: Evidence, reused: bool, /) -> None:
        """Keep the control."""
        if not reused:
            self.performed.add(evidence.control.id)


@pytest.mark.parametrize(
    ("role", "anew"),
    [
        (Role.ENGINEER, {"design", "data", "training"}),
        (Role.VALIDATOR, {"assurance"}),
        (Role.RELEASER, {"release"}),
        (Role.MODEL, {"release.sign"}),
        (Role.GATEWAY, set()),
        (Role.LOG, set()),
    ],
)
def test_after_a_key_was_revoked_a_run_makes_anew_what_it_signed_and_publishes(
    project: Path, tmp_path: Path, secmlops, monkeypatch: pytest.MonkeyPatch, role: Role, anew: set[str]
) -> None:
    keys = tmp_path / "keys"
    shutil_copy(Path(os.environ["SECMLOPS_KEYS"]), keys)
    shutil.rmtree(keys / "checkpoints", ignore_errors=True)
    monkeypatch.setenv("SECMLOPS_KEYS", str(keys))
    assert secmlops("access", "grant", "old", "-C", project).code == 0
    (old,) = ids(secmlops, role)
    assert secmlops("keys", "rotate", role).code == 0
    assert secmlops("access", "grant", "new", "-C", project).code == 0
    assert secmlops("keys", "revoke", old, "--yes").code == 0
    stood = role is Role.GATEWAY
    assert (secmlops("verify", project / "releases" / "credit-risk-1").code == 0) is stood
    told = Performed()
    results, published = run_pipeline(Workspace(project), told)
    assert published is not None, results[-1].verdict.obstacles
    assert published.fresh is not stood
    stages = {control.partition(".")[0] for control in told.performed}
    assert (told.performed if role is Role.MODEL else stages) == anew
    names = ["credit-risk-1"] if stood else ["credit-risk-1", "credit-risk-2"]
    assert Workspace(project).release().manifest.folder == names[-1]
    assert secmlops("verify", project / "releases" / names[-1]).code == 0
    again = secmlops("run", "-C", project, "--json").data
    assert (again["gate"], again["reused"]) == ("open", sum(len(stage["controls"]) for stage in again["stages"]))
    assert Workspace(project).release().manifest.folder == names[-1], "and once is enough"
    told = secmlops("access", "list", "-C", project, "--json")
    assert [k["name"] for k in told.data["keys"]] == (["new"] if stood else ["old", "new"])
    assert told.data["passed_over"] == (1 if stood else 0)
    assert ("1 change of rights counts for nothing" in told.err) is stood
    assert secmlops("access", "grant", "third", "-C", project).code == 0
    assert secmlops("audit", "verify", "-C", project).code == 0
