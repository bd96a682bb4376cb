"""A folder in memory is taken only where it is one and has room, for the machine and for its control groups."""

from collections import namedtuple
from pathlib import Path

import pytest

from secmlops.training.sandbox import memory
from secmlops.training.sandbox.isolation import Requirement
from secmlops.training.sandbox.memory import memory_folder
from secmlops.training.sandbox.run import run_isolated, script

SMALL = Requirement(memory_bytes=64 << 20, seconds=20, scratch_bytes=1 << 20)
Space = namedtuple("Space", "f_bavail f_frsize")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a tmpfs of 1 GiB and 1 GiB of memory left."""
    monkeypatch.setattr(memory, "SHARED_MEMORY", tmp_path)
    monkeypatch.setattr(memory, "_is_tmpfs", lambda _: True)
    monkeypatch.setattr(memory, "_left", lambda: 1 << 30)
    monkeypatch.setattr(memory.os, "statvfs", lambda _: Space(1 << 18, 4096))
    return tmp_path


def test_it_is_taken_where_it_has_room(machine: Path) -> None:
    assert memory_folder(SMALL) == machine
    assert memory_folder(Requirement(memory_bytes=1 << 30, scratch_bytes=1)) is None
    assert memory_folder(Requirement(memory_bytes=1, scratch_bytes=1 << 31)) is None


def test_a_small_tmpfs_is_not(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.os, "statvfs", lambda _: Space(1, 4096))
    assert memory_folder(SMALL) is None


def test_a_folder_on_a_disk_is_not(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(memory, "SHARED_MEMORY", machine)
    assert memory_folder(SMALL) is None


def test_one_where_others_can_rename_ours_is_not(machine: Path) -> None:
    machine.chmod(0o777)
    assert memory_folder(SMALL) is None
    machine.chmod(0o1777)
    assert memory_folder(SMALL) == machine


def test_a_machine_that_does_not_say_gets_none(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> int:
        raise FileNotFoundError

    monkeypatch.setattr(memory, "_left", silent)
    assert memory_folder(SMALL) is None


def test_a_control_group_bounds_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    if not groups:
        pytest.skip("no control groups here")
    _, controllers, path = groups[0]
    inner = tmp_path / path.lstrip("/") / "x"
    inner.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(memory, "_CGROUPS", {controllers.split(",")[0]: (tmp_path, "limit", "used")})
    (inner.parent / "limit").write_text("max\n")
    (inner.parent / "used").write_text("5\n")
    assert memory._left() > 1000
    (inner.parent / "limit").write_text("1000\n")
    assert memory._left() == 995


@pytest.mark.parametrize("in_memory", [False, True])
def test_the_result_says_where_it_ran(in_memory: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path if in_memory else None
    monkeypatch.setattr("secmlops.training.sandbox.run.memory_folder", lambda _: folder)
    result = run_isolated(script(b"(OUT / 'r').write_text(str(OUT))", r=500), Requirement(seconds=20))
    assert result.in_memory is in_memory
    assert Path(result.output("r").decode()).is_relative_to(tmp_path) is in_memory
    assert list(tmp_path.iterdir()) == []
