"""The composition root: keys, identity, lock and trust, each found where it is said to be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from secmlops.core.errors import InputError
from secmlops.trust.local import LocalKeys
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace, key_folder, own_keys, passphrase, system_clock, trusted_ring

YAML = """\
secmlops: 1
name: tiny
task: binary_classification
data: {source: t.csv, label: y}
training: {model: logistic_regression}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("SECMLOPS_PASSPHRASE_FILE", raising=False)
    (tmp_path / "secmlops.yaml").write_text(YAML, encoding="utf-8")
    return tmp_path


def test_the_clock_tells_utc() -> None:
    assert system_clock().tzinfo is UTC
    assert abs((system_clock() - datetime.now(UTC)).total_seconds()) < 5


def test_keys_lie_in_the_users_configuration_unless_a_folder_is_named(folder: Path, monkeypatch) -> None:
    assert key_folder() == folder / "keys"
    monkeypatch.delenv("SECMLOPS_KEYS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    assert key_folder() == folder / "config" / "secmlops" / "keys"


def test_a_passphrase_is_read_without_its_line_end(folder: Path, monkeypatch) -> None:
    assert passphrase() is None
    (folder / "secret").write_text("two words \n", encoding="utf-8")
    (folder / "secret").chmod(0o600)
    monkeypatch.setenv("SECMLOPS_PASSPHRASE_FILE", str(folder / "secret"))
    assert passphrase() == "two words "


def test_keys_are_made_only_where_they_may_be(folder: Path) -> None:
    with pytest.raises(InputError, match=r"there are no keys yet.*secmlops keys init"):
        own_keys()
    made = own_keys(system_clock)
    assert own_keys().ring() == made.ring()


def test_the_identity_is_made_once_and_kept(folder: Path) -> None:
    identity = Workspace(folder).identity
    assert identity.startswith("tiny/")
    assert Workspace(folder).identity == identity
    assert Workspace(folder).origin == f"secmlops.local/{identity}"


def test_a_folder_without_a_project_gets_no_state(folder: Path) -> None:
    (folder / "secmlops.yaml").unlink()
    with pytest.raises(InputError, match="there is no secmlops"):
        _ = Workspace(folder).identity
    assert not (folder / ".secmlops").exists()


def test_the_lock_keeps_others_out_and_is_given_back(folder: Path) -> None:
    with Workspace(folder).locked(), pytest.raises(InputError, match="under way"), Workspace(folder).locked():
        pass
    with Workspace(folder).locked():
        pass


def test_there_is_no_release_before_the_first_run(folder: Path) -> None:
    with pytest.raises(InputError, match=r"there is no release yet.*secmlops run"):
        Workspace(folder).release()


def test_a_folder_that_was_never_published_is_no_release(folder: Path) -> None:
    (folder / "releases" / "tiny-1").mkdir(parents=True)
    for name in (None, "tiny-1", "../tiny-1", "/etc"):
        with pytest.raises(InputError, match="there is no release yet"):
            Workspace(folder).release(name)


def test_trust_is_the_named_file_or_else_the_users_own_keys(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--trust"):
        trusted_ring(None)
    keys = LocalKeys.create(folder / "others", system_clock)
    (folder / "trust.json").write_bytes(keys.ring().to_json())
    assert trusted_ring(folder / "trust.json") == keys.ring()
    mine = own_keys(system_clock).ring()
    assert trusted_ring(None) == mine
    assert mine.keys(Role.LOG) != keys.ring().keys(Role.LOG)
    with pytest.raises(InputError, match="not a plain file"):
        trusted_ring(folder / "missing.json")
