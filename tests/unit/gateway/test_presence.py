"""Presence: who runs says so, who was killed is cleared away, and a damaged file harms nobody."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from secmlops.core.errors import InputError
from secmlops.gateway import presence
from secmlops.gateway.presence import Presence, present

ABOUT = {"address": "127.0.0.1:8443", "since": "2026-03-01T09:00:00+00:00"}
STATE = {"ready": True, "models": [], "requests": {"2xx": 3}, "events": {}}


def test_who_runs_is_told_anew_and_ends(tmp_path: Path) -> None:
    folder = tmp_path / "serving"
    one = Presence(folder, ABOUT)
    assert present(folder) == []
    one.tell(STATE)
    one.tell({**STATE, "ready": False})
    assert present(folder) == [{"pid": os.getpid(), **ABOUT, **STATE, "ready": False}]
    assert [path.name for path in folder.iterdir()] == [f"{os.getpid()}.json"]
    assert folder.stat().st_mode & 0o077 == 0
    one.end()
    one.end()
    assert present(folder) == []


def test_a_full_disk_keeps_the_old_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Presence(tmp_path, ABOUT)
    one.tell(STATE)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        one.tell({**STATE, "ready": False})
    assert present(tmp_path)[0]["ready"] is True


def test_what_one_left_that_was_killed_is_cleared_away(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f"{ended.pid}.json").write_text(json.dumps({"pid": ended.pid, **ABOUT, **STATE}))
    assert present(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("1.json", "no JSON"), ("1.json", "[" * 100_000), ("1.json", "[1]"), ("1.json", '{"pid": "1"}'),
        ("1.json", json.dumps({"pid": os.getpid(), **ABOUT, **STATE})),
        (f"{os.getpid()}.json", json.dumps({"pid": os.getpid()})),
        (f"{os.getpid()}.json", json.dumps({"pid": os.getpid(), **ABOUT, **STATE, "models": 3})),
        (f"{10**30}.json", json.dumps({"pid": 10**30, **ABOUT, **STATE})),
        ("1.json", b"\xff\xfe"),
    ],
    ids=[
        "no JSON", "deep", "a list", "a text for a number", "of another process", "no state", "models that are none",
        "no process", "no text",
    ],
)  # fmt: skip
def test_a_damaged_file_is_cleared_away(tmp_path: Path, name: str, text: str | bytes) -> None:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert present(tmp_path) == []
    assert not (tmp_path / name).exists()


def test_a_gateway_of_somebody_else_runs_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(pid: int, sign: int) -> None:
        raise PermissionError

    monkeypatch.setattr(presence.os, "kill", forbidden)
    (tmp_path / "1.json").write_text(json.dumps({"pid": 1, **ABOUT, **STATE}))
    assert [one["pid"] for one in present(tmp_path)] == [1]


def test_a_file_that_cannot_be_read_or_removed_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "7.json").mkdir()
    assert present(tmp_path) == []


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(self: Path, pattern: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "glob", forbidden)
    with pytest.raises(InputError, match="Permission denied"):
        present(tmp_path)
