"""Several processes append at once, and one is killed in the middle: nothing that was acknowledged is lost."""

import re
import signal
import subprocess
import sys

import pytest

from secmlops.ledger.audit import audit
from secmlops.ledger.log import Ledger
from secmlops.trust.keys import Algorithm, PrivateKey

ORIGIN = "ledger.example/processes"
WRITER = """
import sys
from pathlib import Path
from secmlops.ledger.log import Ledger
from secmlops.trust.keys import PrivateKey
path, key, name, count = sys.argv[1:]
with Ledger.open(Path(path), PrivateKey.from_pkcs8(bytes.fromhex(key)), "ledger.example/processes") as ledger:
    for n in range(int(count)):
        places = ledger.append([("access", f"{name} {n} {m}".encode()) for m in range(3)])
        print(name, n, places.start, flush=True)
"""


@pytest.fixture(scope="module")
def signer():
    return PrivateKey.generate(Algorithm.ED25519)


def start(path, signer, name, count):
    command = [sys.executable, "-c", WRITER, str(path), signer.to_pkcs8().hex(), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def check_acknowledged(ledger, lines):
    for line in lines:
        name, n, place = line.split()
        for m in range(3):
            assert ledger.entry(int(place) + m).data == f"{name} {n} {m}".encode()


def test_processes_that_append_at_once_lose_nothing(tmp_path, signer):
    path = tmp_path / "ledger.db"
    children = [start(path, signer, name, 20) for name in ("one", "two", "three")]
    outputs = [child.communicate(timeout=60)[0].splitlines() for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    with Ledger.open(path, signer, ORIGIN) as ledger:
        assert ledger.size == 3 * 20 * 3
        for lines in outputs:
            assert len(lines) == 20
            check_acknowledged(ledger, lines)
        assert audit(ledger.storage, signer.public, ORIGIN).ok


@pytest.mark.parametrize("after", [1, 17])
def test_a_process_killed_while_appending_loses_nothing_it_acknowledged(after, tmp_path, signer):
    path = tmp_path / "ledger.db"
    child = start(path, signer, "victim", 100_000)
    lines = [child.stdout.readline() for _ in range(after)]
    child.send_signal(signal.SIGKILL)
    lines += [line for line in child.stdout if re.fullmatch(r"victim \d+ \d+\n", line)]
    child.wait(timeout=30)
    child.stdout.close()
    assert child.returncode == -signal.SIGKILL
    with Ledger.open(path, signer, ORIGIN) as ledger:
        assert ledger.size >= 3 * len(lines)
        assert ledger.size % 3 == 0
        check_acknowledged(ledger, lines)
        ledger.append([("access", b"after the crash")])
        assert audit(ledger.storage, signer.public, ORIGIN).ok
