"""Alarms: a line, a count and signed evidence; nobody waits, and what is lost is counted."""

import threading

import pytest

from kits.gateway_world import T0, GatewayWorld
from secmlops.core.digest import Digest
from secmlops.core.errors import SecmlopsError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.gateway import alarms as module
from secmlops.gateway.alarms import Alarms
from secmlops.gateway.metrics import Metrics

SUBJECT = Subject(SubjectKind.RELEASE, "credit-3", Digest.of(b"release"))
FINDING = Finding("serving.integrity", Severity.ERROR, "its files were changed")


class Book:
    """A book that keeps, fails or hangs as a test says."""

    def __init__(self) -> None:
        self.error, self.may_go_on, self.kept = None, threading.Event(), []
        self.may_go_on.set()

    def append(self, evidence, signer):
        self.may_go_on.wait(10)
        if self.error is not None:
            raise self.error
        self.kept.append(evidence)


@pytest.fixture
def book():
    return Book()


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
def alarms(book, metrics):
    made = Alarms(book, lambda: None, lambda: T0, metrics)
    yield made
    book.may_go_on.set()
    made.close()


def test_an_alarm_is_signed_evidence_a_line_and_a_count(world: GatewayWorld, caplog) -> None:
    world.gateway.alarms.alarm("serving.integrity", SUBJECT, FINDING, {"files": 2.0})
    world.gateway.alarms.note("serving.reload", SUBJECT, "takes the place of credit-2")
    alarm, note = world.evidence()
    assert (alarm.control.id, alarm.stage, alarm.subject, alarm.outcome) == (
        "serving.integrity", Stage.SERVING, SUBJECT, Outcome.FAILED
    )  # fmt: skip
    assert (alarm.findings, alarm.measures, alarm.at) == ((FINDING,), {"files": 2.0}, world.now)
    assert (note.outcome, note.findings[0].severity) == (Outcome.PASSED, Severity.NOTE)
    assert dict(world.gateway.metrics.events) == {("alarm", "serving.integrity"): 1, ("note", "serving.reload"): 1}
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("CRITICAL", "serving.integrity: credit-3: its files were changed"),
        ("WARNING", "serving.reload: credit-3: takes the place of credit-2"),
    ]


@pytest.mark.parametrize("error", [SecmlopsError("the ledger is full"), OSError(28, "secret path")])
def test_evidence_that_cannot_be_written_is_counted_and_told(alarms, book, metrics, caplog, error) -> None:
    book.error = error
    alarms.alarm("serving.integrity", SUBJECT, FINDING)
    alarms.flush()
    assert metrics.events["lost", "evidence"] == 1
    assert ("the ledger is full" if isinstance(error, SecmlopsError) else "OSError") in caplog.text
    assert "secret path" not in caplog.text
    book.error = None
    alarms.alarm("serving.integrity", SUBJECT, FINDING)
    alarms.flush()
    assert len(book.kept) == 1


def test_nobody_waits_for_a_ledger_that_hangs_and_what_waits_is_bounded(alarms, book, metrics, monkeypatch) -> None:
    book.may_go_on.clear()
    for _ in range(module._MOST_WAITING + 7):
        alarms.note("serving.reload", SUBJECT, "again")
    assert metrics.events["lost", "evidence"] == 7
    assert metrics.events["note", "serving.reload"] == module._MOST_WAITING + 7
    book.may_go_on.set()
    alarms.flush()
    assert len(book.kept) == module._MOST_WAITING
    alarms.note("serving.reload", SUBJECT, "again")
    alarms.flush()
    assert len(book.kept) == module._MOST_WAITING + 1


def test_closing_waits_until_everything_is_written(book, metrics) -> None:
    alarms = Alarms(book, lambda: None, lambda: T0, metrics)
    book.may_go_on.clear()
    alarms.note("serving.reload", SUBJECT, "again")
    threading.Timer(0.1, book.may_go_on.set).start()
    alarms.close()
    assert len(book.kept) == 1
