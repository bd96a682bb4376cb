import os
import threading
from pathlib import Path

import pytest

from secmlops.core.errors import InputError
from secmlops.trust.passphrase import SHORTEST, read_passphrase, refuse_short


def secret(folder: Path, data: bytes, mode: int = 0o600) -> Path:
    file = folder / "passphrase"
    file.write_bytes(data)
    file.chmod(mode)
    return file


def test_it_is_read_without_its_line_end(tmp_path: Path) -> None:
    assert read_passphrase(secret(tmp_path, "zwei Wörter \n".encode())) == "zwei Wörter "
    assert read_passphrase(secret(tmp_path, b"x\n", 0o400)) == "x"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(InputError, match=r"open to other users.*chmod 600"):
        read_passphrase(secret(tmp_path, b"two words", mode))


def test_it_may_come_from_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"two words\n"))
    writer.start()
    assert read_passphrase(pipe) == "two words"
    writer.join()


@pytest.mark.parametrize(("data", "told"), [(b"\xff\xfe", "not UTF-8"), (b"x" * 70_000, "too long")])
def test_what_is_no_passphrase_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_passphrase(secret(tmp_path, data))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_passphrase(tmp_path / "none")


def test_the_shortest_that_makes_keys() -> None:
    refuse_short("x" * SHORTEST)
    with pytest.raises(InputError, match="14 characters"):
        refuse_short("x" * (SHORTEST - 1))
