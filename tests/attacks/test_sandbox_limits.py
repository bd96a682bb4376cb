"""Code in the sandbox tries to use up memory, time, disk and threads."""

import pytest

from secmlops.training.sandbox.isolation import Requirement
from secmlops.training.sandbox.run import run_isolated, script

SMALL = Requirement(memory_bytes=128 << 20, seconds=20, scratch_bytes=8 << 20)
GREEDY = {
    "memory bit by bit": (
        b"import time\nkept = []\nwhile True:\n    kept.append(bytearray(b'x') * (8 << 20)); time.sleep(0.01)",
        "128 MiB of memory",
    ),
    "memory at once": (b"bytearray(8 << 30)", "exit status 1"),
    "memory through shared maps": (
        b"import mmap, time\nm = mmap.mmap(-1, 512 << 20)\n"
        b"for i in range(0, len(m), 4096):\n    m[i] = 1\ntime.sleep(20)",
        "128 MiB of memory",
    ),
    "one huge file": (b"(OUT / 'f').open('wb').truncate(10 << 30)", "exit status 1"),
    "many files": (
        b"import time\nfor i in range(400):\n    (OUT / str(i)).write_bytes(b'x' * (1 << 20)); time.sleep(0.01)\n"
        b"time.sleep(20)",
        "filled its scratch folder",
    ),
    "endless folders": (
        b"import os, time\nos.chdir(OUT)\nfor i in range(3000):\n    os.mkdir('d'); os.chdir('d')\ntime.sleep(20)",
        "filled its scratch folder",
    ),
    "threads": (
        b"import threading, time\nthreading.stack_size(65536)\n"
        b"for i in range(2000):\n    threading.Thread(target=time.sleep, args=(20,), daemon=True).start()",
        "exit status 1|threads",
    ),
}


@pytest.mark.parametrize("name", GREEDY)
def test_greed_is_ended(name: str) -> None:
    code, told = GREEDY[name]
    result = run_isolated(script(code), SMALL)
    assert result.failure is not None
    assert any(part in str(result.failure) for part in told.split("|"))


@pytest.mark.parametrize("code", [b"import time; time.sleep(600)", b"while True: pass"], ids=["sleeps", "spins"])
def test_code_without_end_is_ended(code: bytes) -> None:
    result = run_isolated(script(code), Requirement(seconds=0.3))
    assert "ran longer than 0.3 s" in str(result.failure)
    assert result.seconds < 30


def test_catching_every_signal_does_not_help() -> None:
    code = b"""
import signal, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    time.sleep(1)
"""
    assert "ran longer" in str(run_isolated(script(code), Requirement(seconds=0.3)).failure)


def test_what_it_prints_is_bounded() -> None:
    result = run_isolated(script(b"import sys\nfor i in range(4000):\n    sys.stdout.write('x' * 1000)"), SMALL)
    assert result.failure is None
    assert len(result.printed) == 64 << 10
