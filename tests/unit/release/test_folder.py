import os
from pathlib import Path

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.release import folder as folder_module
from secmlops.release.folder import ReleaseFolder, write_folder


def test_what_was_written_is_read(tmp_path: Path) -> None:
    target = tmp_path / "releases" / "credit-1"
    write_folder(target, {"a": b"one", "b": b""})
    with ReleaseFolder.open(target) as opened:
        assert opened.names(2) == {"a", "b"}
        assert opened.read("a", 3) == b"one"
        assert opened.read("b", 0) == b""


def test_a_release_is_never_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "credit-1"
    write_folder(target, {"a": b"one"})
    with pytest.raises(InputError, match="exists already"):
        write_folder(target, {"a": b"two"})
    assert (target / "a").read_bytes() == b"one"


def test_a_dangling_link_in_its_place_counts_as_existing(tmp_path: Path) -> None:
    (tmp_path / "credit-1").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="exists already"):
        write_folder(tmp_path / "credit-1", {"a": b"one"})


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_folder(tmp_path / "credit-1", {"a": b"one", "no/such/folder": b"two"})
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(folder_module, "_sync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "credit-1", {"a": b"one"})
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="cannot be written"):
        write_folder(tmp_path / "file" / "credit-1", {"a": b""})
    for absent in (tmp_path / "file", tmp_path / "nothing"):
        with pytest.raises(InputError, match="no release can be read"), ReleaseFolder.open(absent):
            pass


def test_a_link_to_a_folder_is_not_one(tmp_path: Path) -> None:
    write_folder(tmp_path / "credit-1", {"a": b"one"})
    (tmp_path / "link").symlink_to(tmp_path / "credit-1")
    with pytest.raises(InputError, match="no release can be read"), ReleaseFolder.open(tmp_path / "link"):
        pass


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path / "r", {"a": b"one"})
    (tmp_path / "r" / "link").symlink_to("a")
    os.mkfifo(tmp_path / "r" / "pipe")
    (tmp_path / "r" / "folder").mkdir()
    with ReleaseFolder.open(tmp_path / "r") as opened:
        for name in ("link", "pipe", "folder", "absent"):
            with pytest.raises(VerificationError, match=r"cannot be read|not a plain file"):
                opened.read(name, 10)


def test_sizes_and_counts_are_bounded(tmp_path: Path) -> None:
    write_folder(tmp_path / "r", {"a": b"1234", "b": b""})
    with ReleaseFolder.open(tmp_path / "r") as opened:
        with pytest.raises(VerificationError, match="more than 3 bytes"):
            opened.read("a", 3)
        with pytest.raises(VerificationError, match="more than 1 files"):
            opened.names(1)


def test_the_open_folder_stays_the_same_when_its_path_is_replaced(tmp_path: Path) -> None:
    write_folder(tmp_path / "r", {"a": b"one"})
    write_folder(tmp_path / "evil", {"a": b"two"})
    with ReleaseFolder.open(tmp_path / "r") as opened:
        (tmp_path / "r").rename(tmp_path / "gone")
        (tmp_path / "evil").rename(tmp_path / "r")
        assert opened.read("a", 3) == b"one"
