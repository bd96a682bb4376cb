"""The scratch folder comes with its parts and goes without leaving any."""

import fcntl
import os
from pathlib import Path

import pytest

from secmlops.training.sandbox.scratch import remove, scratch_room, usage


def test_it_holds_the_inputs_and_is_gone_afterwards() -> None:
    with scratch_room({"a": b"1"}) as room:
        assert (room / "scratch/in/a").read_bytes() == b"1"
        assert room.stat().st_mode & 0o777 == 0o700
        assert (room / "canary/canary").exists()
        assert list((room / "scratch/out").iterdir()) == []
    assert not room.exists()


def test_it_is_gone_after_an_error_too() -> None:
    with pytest.raises(KeyError), scratch_room({}) as room:
        raise KeyError
    assert not room.exists()


def test_what_a_killed_process_left_is_cleared_away_and_what_lives_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("secmlops.training.sandbox.scratch.SHARED_MEMORY", tmp_path)
    left, fresh, others = (tmp_path / name for name in ("secmlops-room-left", "secmlops-room-new", "someone-else"))
    for folder in (left, fresh, others):
        (folder / "scratch").mkdir(parents=True)
    with scratch_room({}) as living, scratch_room({}):
        assert living.exists()
        assert others.exists()
        assert not left.exists()
        assert not fresh.exists()


def test_what_was_left_in_memory_is_cleared_away_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secmlops.training.sandbox.scratch.SHARED_MEMORY", tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "secmlops-room-left"
    (left / "scratch/in").mkdir(parents=True)
    with scratch_room({"a": b"1"}, tmp_path) as room:
        assert room.parent == tmp_path
        assert room.stat().st_mode & 0o777 == 0o700
        assert not left.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_room_that_was_cleared_away_before_it_was_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def lock(descriptor: int, operation: int) -> None:
        flock(descriptor, operation)
        (room,) = tmp_path.iterdir()
        made.append(room.name)
        if len(made) == 1:
            room.rmdir()

    flock = fcntl.flock
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(fcntl, "flock", lock)
    with scratch_room({"a": b"1"}, tmp_path) as room:
        assert (room / "scratch/in/a").exists()
        assert made[0] != room.name


def test_anything_can_be_removed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "f", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_bytes(b"x")
    (folder / "closed").mkdir(parents=True)
    (folder / "closed" / "file").write_bytes(b"x")
    (folder / "closed").chmod(0)
    (folder / "link").symlink_to(outside)
    os.mkfifo(folder / "pipe")
    here = Path.cwd()
    os.chdir(folder)
    for _ in range(1500):  # deeper than Python recurses, and than a path may be long
        Path("deep-deep").mkdir()
        os.chdir("deep-deep")
    os.chdir(here)
    assert usage(folder) is None
    remove(folder)
    assert not folder.exists()
    assert (outside / "kept").exists()


def test_usage_counts_blocks_on_disk(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/file").write_bytes(b"x" * 100_000)
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 30)
    used = usage(tmp_path)
    assert used is not None
    assert 100_000 <= used < 1 << 20


def test_too_many_files_are_nobodys_honest_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secmlops.training.sandbox.scratch._MAX_ENTRIES", 5)
    for number in range(6):
        (tmp_path / str(number)).touch()
    assert usage(tmp_path) is None
