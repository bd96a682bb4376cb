"""The keys of the project change while the gateway serves: it goes on, under the keys that count now."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kits.running_gateway import UNBOUNDED, RunningGateway, running, write_settings
from kits.small_project import released_copy
from secmlops.access.keys import Narrowing
from secmlops.cli.main import _run
from secmlops.gateway.log_keys import HANDOVER_SECONDS
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

SLOW = 1.5
"""Seconds that a change may take: one of ours, and a busy machine."""


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    write_settings(folder, UNBOUNDED)
    shutil.rmtree(tmp_path / "world" / "keys" / "checkpoints")  # of the place that this is a copy of
    return folder


@pytest.fixture
def gateway(project: Path, request: pytest.FixtureRequest) -> Iterator[RunningGateway]:
    with running(project, "--workers", str(getattr(request, "param", 1))) as one:
        yield one
        assert "Traceback" not in one.log.read_text()


def keep_asking(gateway: RunningGateway, seconds: float) -> set[int]:
    end, found = time.monotonic() + seconds, set[int]()
    while time.monotonic() < end:
        found.add(gateway.ask()[0])
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("gateway", [1, 2], indirect=True)
def test_after_the_log_key_is_rotated_every_request_is_answered_and_new_rights_count(gateway) -> None:
    assert gateway.ask()[0] == 200
    assert _run(["keys", "rotate", "log"]) == 0
    workspace = Workspace(gateway.project)
    key, _ = workspace.administration.grant_anyone("later", Narrowing(scopes=("*",)))
    assert keep_asking(gateway, HANDOVER_SECONDS + SLOW) == {200}
    gateway.within(SLOW, 200, key)
    assert "the logs go on under the log key" in gateway.log.read_text()
    assert "nobody is admitted" not in gateway.log.read_text()
    ring = workspace.keys.ring()
    old = next(e.key.key_id for e in ring.entries if e.role is Role.LOG and e.until is not None)
    workspace.remember()
    workspace.ledger.close()
    assert _run(["keys", "revoke", old, "--yes"]) == 0
    gateway.within(SLOW, 503, gateway.key)  # the release holds a checkpoint of that key
    time.sleep(HANDOVER_SECONDS + SLOW)
    assert gateway.ask()[1]["detail"] == "the release was withdrawn"
    assert gateway.ask(path="/receipts/0", key=key)[0] == 405  # rights are known, all the same
    assert "nobody is admitted" not in gateway.log.read_text()
    assert gateway.stop() == 0
    assert _run(["audit", "verify", "-C", str(gateway.project)]) == 0


def test_an_alarm_is_signed_with_the_key_that_counts_when_it_is_raised(gateway, capsys) -> None:
    assert _run(["keys", "rotate", "gateway"]) == 0
    assert _run(["release", "revoke", "small-1", "--reason", "test", "-C", str(gateway.project)]) == 0
    gateway.within(SLOW, 503, gateway.key)
    assert gateway.stop() == 0
    workspace = Workspace(gateway.project)
    attested = workspace.book.latest("serving.withdrawn")
    assert attested is not None
    assert re.search("revoked", attested.evidence.findings[0].message)
    workspace.ledger.close()
