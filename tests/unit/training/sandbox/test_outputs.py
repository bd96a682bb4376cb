"""Only regular files of bounded size are read."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from secmlops.core.errors import IsolationError
from secmlops.training.sandbox.outputs import read_output


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def test_a_file_within_its_limit_is_read(tmp_path: Path, folder: int) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert read_output(folder, "a", 5) == b"12345"


def test_a_missing_file_is_none(folder: int) -> None:
    assert read_output(folder, "a", 5) is None


def test_one_byte_too_many_is_refused(tmp_path: Path, folder: int) -> None:
    (tmp_path / "a").write_bytes(b"123456")
    with pytest.raises(IsolationError, match="6 bytes long; 5 are allowed"):
        read_output(folder, "a", 5)


def test_a_file_that_has_no_size_but_no_end_is_refused() -> None:
    descriptor = os.open("/proc/self", os.O_RDONLY | os.O_DIRECTORY)
    try:
        with pytest.raises(IsolationError, match="more than 5 bytes"):
            read_output(descriptor, "maps", 5)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda p: p.symlink_to("/etc/passwd"), "a symbolic link"),
        (os.mkfifo, "not a regular file"),
        (Path.mkdir, "not a regular file"),
        (lambda p: p.with_name("b").write_bytes(b"x") and os.link(p.with_name("b"), p), "a hard link"),
    ],
    ids=["symbolic link", "pipe", "folder", "hard link"],
)
def test_other_kinds_are_refused(make: object, told: str, tmp_path: Path, folder: int) -> None:
    make(tmp_path / "a")  # type: ignore[operator]
    with pytest.raises(IsolationError, match=told):
        read_output(folder, "a", 5)


def test_a_socket_is_refused(tmp_path: Path, folder: int) -> None:
    os.mknod(tmp_path / "a", 0o140600)
    with pytest.raises(IsolationError, match="unreadable"):
        read_output(folder, "a", 5)
