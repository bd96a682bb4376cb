"""Landlock alone, in a process of its own: what is named stays, all else goes."""

import subprocess
import sys
from pathlib import Path

import pytest

from secmlops.training.sandbox import landlock

needs_landlock = pytest.mark.skipif(landlock.abi() == 0, reason="this kernel has no Landlock")
RESTRICT = """
import sys
from pathlib import Path
from secmlops.training.sandbox import landlock, privileges
folder, version = Path(sys.argv[1]), int(sys.argv[2])
privileges.gain_none()
here = Path.cwd()
landlock.restrict(version, [folder / "read", folder / "one", folder / "missing"], [folder / "write", here])
def can(act):
    try:
        act()
        return 1
    except PermissionError:
        return 0
print(*[can(act) for act in (
    (folder / "read/file").read_bytes,
    lambda: (folder / "read/file").write_bytes(b"x"),
    (folder / "one").read_bytes,
    lambda: (folder / "write/new").write_bytes(b"x"),
    lambda: (folder / "write/link").symlink_to("x"),
    (folder / "secret").read_bytes,
)])
"""


@needs_landlock
@pytest.mark.parametrize("version", sorted({1, 3, 4, landlock.abi()}))
def test_only_what_is_named_is_left(tmp_path: Path, version: int) -> None:
    if version > landlock.abi():
        pytest.skip(f"this kernel has no ABI {version}")
    for name in ("read", "write"):
        (tmp_path / name).mkdir()
    for name in ("read/file", "one", "secret"):
        (tmp_path / name).write_bytes(b"x")
    done = subprocess.run(
        [sys.executable, "-c", RESTRICT, str(tmp_path), str(version)], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["1", "0", "1", "1", "0", "0"], done.stderr


def test_a_kernel_without_it_has_abi_0(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(landlock, "system_call", refuse)
    assert landlock.abi() == 0
