"""The traffic log of a running gateway is locked, or taken away: no answer, in time, and a plain word at the end."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kits.running_gateway import UNBOUNDED, RunningGateway, running, write_settings
from kits.small_project import released_copy
from secmlops.workspace import TRAFFIC, TRAFFIC_WAIT_S


@pytest.fixture
def gateway(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request
) -> Iterator[RunningGateway]:
    project = released_copy(tmp_path_factory, tmp_path / "world")
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "world" / "keys"))
    write_settings(project, UNBOUNDED)
    with running(project, "--workers", str(getattr(request, "param", 1))) as one:
        assert one.ask()[0] == 200
        yield one


def test_while_another_program_locks_the_log_requests_are_refused_in_time_and_then_answered_again(gateway) -> None:
    with closing(sqlite3.connect(gateway.project / ".secmlops" / TRAFFIC, isolation_level=None)) as locking:
        locking.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        status, told = gateway.ask()
        assert time.monotonic() - begun < TRAFFIC_WAIT_S + 1.5
        assert (status, told["detail"]) == (503, "the answer could not be put on record")
        assert b"HTTP/1.1 503" in gateway.talk(b"GET /v2/health/ready HTTP/1.1\r\nHost: x\r\n\r\n")
        locking.execute("ROLLBACK")
    gateway.within(2.0, 200, gateway.key)
    assert gateway.stop() == 0


@pytest.mark.parametrize("gateway", [1, 2], indirect=True)
def test_a_log_that_is_gone_at_the_end_is_told_in_words_with_exit_code_3(gateway) -> None:
    for file in (gateway.project / ".secmlops").glob(f"{TRAFFIC}*"):
        file.unlink()
    assert gateway.ask()[0] == 503
    assert gateway.stop() == 3
    log = gateway.log.read_text()
    assert "Traceback" not in log
    assert "the file was taken away or replaced" in log
    assert "serving did not end as it should" in log
    assert "every answer that was given is in the ledger" not in log


def test_a_log_that_was_never_asked_of_again_is_missed_at_the_end_all_the_same(gateway) -> None:
    for file in (gateway.project / ".secmlops").glob(f"{TRAFFIC}*"):
        file.unlink()
    assert gateway.stop() == 3
    assert "Traceback" not in gateway.log.read_text()
