import contextlib
import errno
import fcntl
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.vault import local
from secmlops.vault.local import LocalObjectStore


def _leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]


@contextlib.contextmanager
def _unprivileged() -> Iterator[None]:
    """Root may write anywhere, so be nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_folder_and_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    store = LocalObjectStore(tmp_path / "store")
    store.put("model/a", lambda sink: None)
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "store/model").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "store/model/a").stat().st_mode & 0o777 == 0o600


def test_reading_makes_nothing(tmp_path: Path) -> None:
    store = LocalObjectStore(tmp_path / "store")
    assert not store.exists("a")
    assert list(store.list()) == []
    assert not store.delete("a")
    assert not (tmp_path / "store").exists()


def test_what_a_dead_writer_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    incoming = tmp_path / ".incoming"
    incoming.mkdir()
    (incoming / "stale").write_bytes(b"half")
    (incoming / "alive").write_bytes(b"half")
    with (incoming / "alive").open("rb") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        LocalObjectStore(tmp_path).put("a", lambda sink: None)
    assert [path.name for path in incoming.iterdir()] == ["alive"]


def test_a_file_swept_at_birth_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [False, True]
    monkeypatch.setattr(local, "_lock_at_once", lambda descriptor: answers.pop(0))
    store = LocalObjectStore(tmp_path)
    store.put("a", lambda sink: None)
    assert store.exists("a")
    assert answers == []


def test_killed_in_the_middle_of_a_write(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from secmlops.vault.local import LocalObjectStore
def write(sink):
    sink.write(bytes(1_000_000)); sink.flush(); print("half", flush=True); time.sleep(60)
LocalObjectStore(Path(sys.argv[1])).put("model/a", write)
"""
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"half\n"
        child.kill()
        assert child.wait() == -signal.SIGKILL
    assert len(_leftovers(tmp_path)) == 1
    store = LocalObjectStore(tmp_path)
    assert not store.exists("model/a")
    assert list(store.list()) == []
    store.put("model/b", lambda sink: None)
    assert [path.name for path in _leftovers(tmp_path)] == ["b"]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    store = LocalObjectStore(tmp_path)
    store.put("a", lambda sink: None)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(InputError, match="cannot be stored: file too large") as told:
            store.put("b", lambda sink: _write(sink, bytes(200_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert told.value.where == str(tmp_path / "b")
    assert [path.name for path in _leftovers(tmp_path)] == ["a"]


@pytest.mark.parametrize(
    ("code", "hint"),
    [(errno.ENOSPC, "free some space"), (errno.EROFS, "read-only"), (errno.EIO, "see that the folder")],
)
def test_every_failure_of_the_disk_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, hint: str
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    store = LocalObjectStore(tmp_path)
    store.put("a", lambda sink: _write(sink, b"old"))
    monkeypatch.setattr(os, "fsync", fail)
    for attempt in (
        lambda: store.put("a", lambda sink: _write(sink, b"new")),
        lambda: store.create("b", b"new"),
        lambda: store.replace("a", b"old", b"new"),
    ):
        with pytest.raises(InputError, match=os.strerror(code).lower()) as told:
            attempt()
        assert hint in told.value.hint
    assert [path.name for path in _leftovers(tmp_path)] == ["a"]
    with store.open("a") as stream:
        assert stream.read() == b"old"


def test_a_folder_that_cannot_be_written_is_told() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        with _unprivileged(), pytest.raises(InputError, match="permission denied") as told:
            LocalObjectStore(Path(folder) / "store").put("a", lambda sink: None)
        assert "choose another folder" in told.value.hint
        assert list(Path(folder).iterdir()) == []


def test_a_folder_that_cannot_be_read_is_told() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = LocalObjectStore(Path(folder))
        store.put("a", lambda sink: None)
        Path(folder).chmod(0)
        with _unprivileged():
            for attempt in (lambda: store.open("a"), lambda: store.exists("a"), lambda: store.delete("a")):
                with pytest.raises(InputError, match="permission denied"):
                    attempt()
        Path(folder).chmod(0o700)


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "store").write_bytes(b"")
    with pytest.raises(InputError, match="cannot be stored"):
        LocalObjectStore(tmp_path / "store").put("a", lambda sink: None)


def test_a_failing_writer_leaves_the_old_object(tmp_path: Path) -> None:
    def fail(sink: BinaryIO) -> None:
        sink.write(b"new")
        raise VerificationError("no")

    store = LocalObjectStore(tmp_path)
    store.put("a", lambda sink: _write(sink, b"old"))
    with pytest.raises(VerificationError):
        store.put("a", fail)
    with store.open("a") as stream:
        assert stream.read() == b"old"
    assert [path.name for path in _leftovers(tmp_path)] == ["a"]


def _write(sink: BinaryIO, data: bytes) -> None:
    sink.write(data)
