import os

import pytest

from secmlops.core.errors import InputError
from secmlops.trust import private_files
from secmlops.trust.private_files import PrivateFolder


@pytest.fixture
def folder(tmp_path):
    made = PrivateFolder(tmp_path / "deep" / "keys")
    made.make()
    return made


def test_folder_and_files_are_for_their_owner_only(folder):
    with folder.locked():
        folder.write("a", b"1")
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in folder.path.iterdir()} == {0o600}
    assert folder.read("a") == b"1"


def test_a_file_that_is_not_there_is_none(folder):
    assert folder.read("a") is None


def test_a_write_replaces_the_whole_file(folder):
    folder.write("a", b"long content")
    folder.write("a", b"short")
    assert folder.read("a") == b"short"
    assert [p.name for p in folder.path.iterdir()] == ["a"]


def test_what_a_killed_writer_left_is_replaced(folder):
    (folder.path / "a.new").write_bytes(b"half")
    folder.write("a", b"whole")
    assert folder.read("a") == b"whole"
    assert not (folder.path / "a.new").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o660, 0o644])
def test_a_file_open_to_others_is_refused(folder, mode):
    folder.write("a", b"1")
    (folder.path / "a").chmod(mode)
    with pytest.raises(InputError, match=r"other users can .*chmod go-rwx"):
        folder.read("a")


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o770, 0o755])
def test_a_folder_open_to_others_is_refused(folder, mode):
    folder.path.chmod(mode)
    with pytest.raises(InputError, match="other users can"):
        folder.read("a")
    with pytest.raises(InputError, match="other users can"):
        folder.write("a", b"1")


def test_links_are_refused(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"1")
    elsewhere.chmod(0o600)
    for name in ("a", "lock"):
        (folder.path / name).symlink_to(elsewhere)
    with pytest.raises(InputError, match="a link"):
        folder.read("a")
    with pytest.raises(InputError, match="a link"), folder.locked():
        pass
    (tmp_path / "door").symlink_to(folder.path)
    with pytest.raises(InputError, match="a link"):
        PrivateFolder(tmp_path / "door").read("a")


def test_a_link_in_the_place_of_the_temporary_file_is_not_followed(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"untouched")
    (folder.path / "a.new").symlink_to(elsewhere)
    folder.write("a", b"secret")
    assert elsewhere.read_bytes() == b"untouched"
    assert folder.read("a") == b"secret"


def test_what_is_no_regular_file_is_refused(folder):
    os.mkfifo(folder.path / "pipe", 0o600)
    (folder.path / "folder").mkdir(mode=0o700)
    for name in ("pipe", "folder"):
        with pytest.raises(InputError, match="not a regular file"):
            folder.read(name)


def test_a_file_of_another_user_is_refused(folder, monkeypatch):
    folder.write("a", b"1")
    monkeypatch.setattr(private_files.os, "geteuid", lambda: 12345)
    with pytest.raises(InputError, match="owned by another user"):
        folder.read("a")


def test_a_file_that_is_far_too_long_is_refused(folder, monkeypatch):
    monkeypatch.setattr(private_files, "MAX_FILE_BYTES", 4)
    folder.write("a", b"12345")
    with pytest.raises(InputError, match="larger than 4 bytes"):
        folder.read("a")


def test_a_missing_folder_and_a_file_in_its_place_are_told(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        PrivateFolder(tmp_path / "none").read("a")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="not a folder"):
        PrivateFolder(tmp_path / "file").read("a")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match="cannot be made"):
            PrivateFolder(path).make()


def test_the_lock_falls_with_its_holder(folder):
    with pytest.raises(RuntimeError), folder.locked():
        raise RuntimeError
    with folder.locked():
        folder.write("a", b"1")
