"""Code in the sandbox tries to start processes, to outlive its run, and to harm or look into others."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from secmlops.training.sandbox.isolation import WAIVERS, Requirement
from secmlops.training.sandbox.plan import MECHANISMS
from secmlops.training.sandbox.run import run_isolated, script

ALL_WAIVED = Requirement(seconds=20, accept=tuple(WAIVERS))
WITHOUT_SECCOMP = tuple(m for m in MECHANISMS if m != "seccomp")
PTRACE_SEIZE = 0x4206  # unlike PTRACE_ATTACH it does not stop the traced process


def named(name: str) -> list[int]:
    """Ids of the living processes whose command name is ``name``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "comm").read_text().strip() == name and "\nState:\tZ" not in (process / "status").read_text():
                found.append(int(process.name))
    return found


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["/bin/sleep", "60"]) as process:
        yield process
        process.kill()


HARM = """
import ctypes, json, os, signal
libc = ctypes.CDLL(None, use_errno=True)
us, them = %d, %d
def attempt(act):
    try:
        return "done" if act() in (None, 0) else "refused"
    except OSError as e:
        return type(e).__name__
buffer = ctypes.create_string_buffer(64)
vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 64)
acts = {
    "signal us": lambda: os.kill(us, signal.SIGUSR1),
    "trace us": lambda: libc.ptrace(0x4206, us, 0, 0),
    "open us": lambda: libc.syscall(434, us, 0) < 0,
    "limit us": lambda: __import__("resource").prlimit(us, 7) and None,
    "run a shell": lambda: os.spawnv(os.P_WAIT, "/bin/sh", ["sh", "-c", "exit 0"]),
    "new namespace": lambda: libc.unshare(0x10000000),
    "kernel keys": lambda: libc.syscall(250, 0, -3, 1) < 0,
    "signal a bystander": lambda: os.kill(them, signal.SIGTERM),
    "signal everybody": lambda: %s,
}
(OUT / "r").write_text(json.dumps({name: attempt(act) for name, act in acts.items()}))
"""


def harm(bystander: subprocess.Popen[bytes], mechanisms: tuple[str, ...], everybody: str) -> set[str]:
    code = HARM % (os.getpid(), bystander.pid, everybody)
    result = run_isolated(script(code.encode(), r=4000), ALL_WAIVED, mechanisms=mechanisms)
    return {name for name, told in json.loads(result.output("r")).items() if told == "done"}


def test_other_processes_cannot_be_harmed(bystander: subprocess.Popen[bytes]) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    try:
        assert harm(bystander, MECHANISMS, "os.kill(-1, signal.SIGKILL)") == set()
        assert bystander.poll() is None
        assert heard == []
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_the_attempts_succeed_without_seccomp_and_namespaces(bystander: subprocess.Popen[bytes]) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    try:
        done = harm(bystander, (), "1")
        assert done >= {"signal us", "open us", "run a shell", "new namespace", "signal a bystander"}
        assert bystander.wait(5) == -signal.SIGTERM
        assert heard
    finally:
        signal.signal(signal.SIGUSR1, before)


DAEMON = """
import ctypes, os, time
try:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, b"%s", 0, 0, 0)
            os.close(1); os.close(2)
            time.sleep(60)
        os._exit(0)
    os.wait(); time.sleep(0.2)
    (OUT / "r").write_text("forked")
except OSError:
    (OUT / "r").write_text("refused")
"""


@pytest.mark.parametrize(
    ("mechanisms", "told", "alive"),
    [(MECHANISMS, b"refused", 0), (WITHOUT_SECCOMP, b"forked", 0), ((), b"forked", 1)],
    ids=["all", "without seccomp", "none"],
)
def test_a_daemon_does_not_outlive_the_run(mechanisms: tuple[str, ...], told: bytes, alive: int) -> None:
    name = f"sbx{os.getpid()}d{alive}"
    result = run_isolated(script((DAEMON % name).encode(), r=10), ALL_WAIVED, mechanisms=mechanisms)
    left = named(name)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert (result.output("r"), len(left)) == (told, alive)


@pytest.mark.parametrize(
    ("mechanisms", "made"), [(MECHANISMS, b"0"), (WITHOUT_SECCOMP, b"9")], ids=["all", "no seccomp"]
)
def test_a_fork_bomb_fizzles(mechanisms: tuple[str, ...], made: bytes) -> None:
    code = b"""
import os, time
made = 0
try:
    while made < 9:
        if os.fork() == 0:
            time.sleep(30)
        made += 1
except OSError:
    pass
(OUT / "r").write_text(str(made))
os._exit(0)
"""
    result = run_isolated(script(code, r=10), ALL_WAIVED, mechanisms=mechanisms)
    assert result.output("r") == made


def test_a_child_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    name = f"sbx{os.getpid()}o"
    program = f"""
from secmlops.training.sandbox.run import run_isolated, script
from secmlops.training.sandbox.isolation import Requirement
code = b"import ctypes, time; ctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0); time.sleep(60)"
run_isolated(script(code), Requirement())
"""
    with subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "TMPDIR": str(tmp_path)}) as starter:
        deadline = time.monotonic() + 30
        while not (alive := named(name)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert alive, "the child never came to its code"
        starter.kill()
    while named(name) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert named(name) == []
