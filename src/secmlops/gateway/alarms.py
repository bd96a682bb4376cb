"""What the operator must hear of while serving: a line in the log, a count, and signed evidence in the ledger."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore

from secmlops.core.clock import Clock
from secmlops.core.errors import SecmlopsError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Attested
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject
from secmlops.gateway.metrics import Metrics
from secmlops.ledger.book import EvidenceBook
from secmlops.trust.canonical import digest_of
from secmlops.trust.keys import Signer

logger = logging.getLogger("secmlops.gateway")
_MOST_WAITING = 1000


class Alarms:
    """Raises alarms; nobody who raises one waits for the disk.

    Evidence that cannot be written is told in the log, and counted: the requests go on, since the predictions have a
    log and a rule of their own. ``signer`` gives the key to sign with, which may be rotated meanwhile.
    """

    def __init__(self, book: EvidenceBook, signer: Callable[[], Signer], clock: Clock, metrics: Metrics) -> None:
        self._book = book
        self._signer = signer
        self._clock = clock
        self._metrics = metrics
        self._writer = ThreadPoolExecutor(1, "secmlops-alarms")
        self._room = BoundedSemaphore(_MOST_WAITING)

    def alarm(
        self, control: str, subject: Subject, finding: Finding, measures: Mapping[str, float] | None = None
    ) -> None:
        """Tell that something is wrong with ``subject``."""
        logger.critical("%s: %s: %s", control, subject.name, finding.message)
        self._write(control, subject, Outcome.FAILED, finding, measures)

    def note(self, control: str, subject: Subject, message: str) -> None:
        """Tell that something was done, as it should be."""
        logger.warning("%s: %s: %s", control, subject.name, message)
        self._write(control, subject, Outcome.PASSED, Finding(control, Severity.NOTE, message), None)

    def flush(self) -> None:
        """Wait until everything that was raised so far is written."""
        self._writer.submit(int).result()

    def close(self) -> None:
        """Wait until everything is written."""
        self._writer.shutdown()

    def _write(
        self,
        control: str,
        subject: Subject,
        outcome: Outcome,
        finding: Finding,
        measures: Mapping[str, float] | None,
    ) -> None:
        self._metrics.event("alarm" if outcome is Outcome.FAILED else "note", finding.rule)
        evidence = Evidence(
            control=ControlRef(control, "1", digest_of({})),
            stage=Stage.SERVING,
            subject=subject,
            outcome=outcome,
            at=self._clock(),
            measures=dict(measures or {}),
            findings=(finding,),
        )
        if not self._room.acquire(blocking=False):
            self._metrics.event("lost", "evidence")
            return
        self._writer.submit(self._append, evidence).add_done_callback(self._written)

    def _append(self, evidence: Evidence) -> Attested:
        return self._book.append(evidence, self._signer())

    def _written(self, done: "Future[Attested]") -> None:
        self._room.release()
        error = done.exception()
        if error is not None:
            self._metrics.event("lost", "evidence")
            told = error if isinstance(error, SecmlopsError) else type(error).__name__
            logger.critical("evidence is lost: %s", told)
