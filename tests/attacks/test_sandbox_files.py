"""Code in the sandbox tries to read secrets, to write outside, and to change what it may not even read."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp

import pytest

from secmlops.training.sandbox.isolation import WAIVERS, Requirement
from secmlops.training.sandbox.plan import MECHANISMS
from secmlops.training.sandbox.readable import readable_paths
from secmlops.training.sandbox.run import run_isolated, script

ALL_WAIVED = Requirement(seconds=20, accept=tuple(WAIVERS))
ROAM = """
import json, os, pathlib, shutil
home, plan = pathlib.Path(%r), OUT.parent.parent
def attempt(act):
    try:
        act()
        return "done"
    except OSError as e:
        return type(e).__name__
acts = {
    "read a key": lambda: (home / "key").read_bytes(),
    "read through a kept folder": lambda: os.open("key", os.O_RDONLY, dir_fd=os.open(home, os.O_PATH)),
    "list a folder": lambda: os.listdir(home),
    "read passwd": lambda: open("/etc/passwd").read(),
    "read the plan": lambda: (plan / "plan.json").read_bytes(),
    "read our environment": lambda: open("/proc/%d/environ", "rb").read(),
    "read our memory": lambda: open("/proc/%d/mem", "rb"),
    "write a file": lambda: (home / "new").write_bytes(b"x"),
    "append": lambda: open(home / "key", "ab"),
    "truncate": lambda: os.truncate(home / "log", 0),
    "link out": lambda: os.link(home / "key", OUT / "key"),
    "delete": lambda: (home / "victim").unlink(),
    "move in": lambda: os.rename(home / "other", OUT / "other"),
    "chmod": lambda: (home / "log").chmod(0o777),
    "change times": lambda: os.utime(home / "log", (0, 0)),
    "change an input": lambda: (OUT.parent / "in" / "main.py").write_bytes(b""),
}
(OUT / "r").write_text(json.dumps({name: attempt(act) for name, act in acts.items()}))
"""


@pytest.fixture(autouse=True)
def one_file_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scratch folder and victims on one file system, so that a link or a move fails for no other reason."""
    monkeypatch.setattr("secmlops.training.sandbox.run.memory_folder", lambda _: None)


def roam(home: Path, mechanisms: tuple[str, ...]) -> set[str]:
    for name in ("key", "log", "victim", "other"):
        (home / name).write_bytes(b"secret")
    code = ROAM % (str(home), os.getpid(), os.getpid())
    result = run_isolated(script(code.encode(), r=4000), ALL_WAIVED, mechanisms=mechanisms)
    return {name for name, told in json.loads(result.output("r")).items() if told == "done"}


@pytest.mark.parametrize(
    ("mechanisms", "through"),
    [(MECHANISMS, set()), (("landlock",), {"chmod", "change times"})],
    ids=["all", "landlock"],
)
def test_files_outside_are_out_of_reach(tmp_path: Path, mechanisms: tuple[str, ...], through: set[str]) -> None:
    assert roam(tmp_path, mechanisms) == through
    assert (tmp_path / "key").read_bytes() == (tmp_path / "log").read_bytes() == b"secret"


def test_files_outside_are_out_of_reach_from_memory_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("no folder in memory here")
    monkeypatch.setattr("secmlops.training.sandbox.run.memory_folder", lambda _: Path("/dev/shm"))
    beside = Path(mkdtemp(dir="/dev/shm"))
    try:
        assert roam(tmp_path, MECHANISMS) == roam(beside, MECHANISMS) == set()
    finally:
        shutil.rmtree(beside)


def test_the_attempts_succeed_without_landlock(tmp_path: Path) -> None:
    assert len(roam(tmp_path, ())) == 16


def test_our_environment_and_descriptors_are_not_inherited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECMLOPS_PASSPHRASE", "hunter2")
    code = b"""
import json, os
def is_open(n):
    try:
        os.fstat(n); return True
    except OSError:
        return False
(OUT / "r").write_text(json.dumps([dict(os.environ), [n for n in range(256) if is_open(n)], os.read(0, 1).hex()]))
"""
    with (tmp_path / "key").open("wb") as kept:
        os.set_inheritable(kept.fileno(), True)
        environment, descriptors, read = json.loads(run_isolated(script(code, r=9000), Requirement()).output("r"))
    assert "hunter2" not in str(environment)
    assert set(environment) >= {"HOME", "TMPDIR", "PYTHONHASHSEED"}
    assert descriptors == [0, 1, 2]
    assert read == ""


def test_a_virtual_environment_in_the_project_does_not_open_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.prefix", "/home/somebody/project")
    assert not any(Path("/home/somebody/project/vault").is_relative_to(p) for p in readable_paths())


def test_rows_that_a_killed_run_left_are_gone_after_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from secmlops.training.sandbox.scratch import scratch_room\n"
        "with scratch_room({'train.arrow': b'rows'}, Path(sys.argv[1])):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(tmp_path.rglob("train.arrow"))) == 1
    monkeypatch.setattr("secmlops.training.sandbox.scratch.SHARED_MEMORY", tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run_isolated(script(b""), Requirement(seconds=20))
    assert list(tmp_path.iterdir()) == []
