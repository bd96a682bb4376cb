"""Gateways in several processes share one traffic log, and one is killed in the middle: no durable answer is lost."""

import re
import signal
import subprocess
import sys

import pytest

from secmlops.ledger.anchor import read_anchors
from secmlops.ledger.audit_anchored import audit_anchored
from secmlops.ledger.log import Ledger
from secmlops.serving.record import PredictionRecord
from secmlops.trust.keys import Algorithm, PrivateKey

ORIGIN = "ledger.example/recorders"
TRAFFIC = f"{ORIGIN}/traffic"
WORKER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
import numpy as np
from secmlops.core.digest import Digest
from secmlops.gateway.recorder import Durability, Recorder
from secmlops.ledger.log import Ledger
from secmlops.trust.keys import PrivateKey
folder, key, durability, count = sys.argv[1:]
folder, signer = Path(folder), PrivateKey.from_pkcs8(bytes.fromhex(key))
traffic = Ledger.open(folder / "traffic.db", signer, "ledger.example/recorders/traffic")
evidence = Ledger.open(folder / "ledger.db", signer, "ledger.example/recorders")
recorder = Recorder(traffic, evidence, lambda: datetime.now(UTC), Durability(durability))
served = SimpleNamespace(release=Digest.of(b"r"), predictor=SimpleNamespace(digest=Digest.of(b"m")))
async def caller():
    for _ in range(int(count)):
        pending = recorder.record("key:ada", served, b"asked", np.array([[0.25, 0.75]]))
        if pending.index is not None:
            print(pending.id, await pending.index, flush=True)
        else:
            print(pending.id, flush=True)
            await asyncio.sleep(0)
async def crowd():
    await asyncio.gather(*(caller() for _ in range(4)))
asyncio.run(crowd())
recorder.close()
"""


@pytest.fixture(scope="module")
def signer():
    return PrivateKey.generate(Algorithm.ED25519)


def start(folder, signer, durability, count):
    command = [sys.executable, "-c", WORKER, str(folder), signer.to_pkcs8().hex(), durability, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def check(folder, signer, lines):
    with (
        Ledger.open(folder / "traffic.db", signer, TRAFFIC) as log,
        Ledger.open(folder / "ledger.db", signer, ORIGIN) as evidence,
    ):
        for line in lines:
            number, *place = line.split()
            (entry,) = log.find(number)
            assert PredictionRecord.from_json(entry.data).id == number
            assert place in ([], [str(entry.place)])
        report = audit_anchored(log.storage, [signer.public], TRAFFIC, evidence)
        assert report.ok, report.findings
        return report.size, len(read_anchors(evidence, [signer.public], TRAFFIC).checkpoints)


@pytest.mark.parametrize("durability", ["durable", "async"])
def test_gateways_that_record_at_once_lose_nothing(tmp_path, signer, durability):
    children = [start(tmp_path, signer, durability, 20) for _ in range(3)]
    lines = [line for child in children for line in child.communicate(timeout=60)[0].splitlines()]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert len({line.split()[0] for line in lines}) == 3 * 4 * 20
    size, anchors = check(tmp_path, signer, lines)
    assert size == 3 * 4 * 20
    assert anchors >= 4  # one when each begins, one when the last ends


def test_a_gateway_killed_under_load_loses_no_durable_answer_it_gave(tmp_path, signer):
    child = start(tmp_path, signer, "durable", 100_000)
    lines = [child.stdout.readline() for _ in range(50)]
    child.send_signal(signal.SIGKILL)
    lines += [line for line in child.stdout if re.fullmatch(r"[0-9a-f]{32} \d+\n", line)]
    child.wait(timeout=30)
    child.stdout.close()
    assert child.returncode == -signal.SIGKILL
    size, anchors = check(tmp_path, signer, lines)
    assert size >= len(lines) >= 50
    assert anchors == 1
