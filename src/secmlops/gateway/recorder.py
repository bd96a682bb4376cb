"""Putting answers on record: durably before they leave, or at once and on disk within moments; never not at all."""

import asyncio
import contextlib
import itertools
import math
import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.clock import Clock
from secmlops.core.digest import Digest
from secmlops.core.errors import SecmlopsError
from secmlops.ledger.anchor import AnchoredLedger
from secmlops.ledger.batch import Failure, GroupCommit, Outcome, Pace
from secmlops.ledger.entry import Entry, Record
from secmlops.ledger.log import Ledger
from secmlops.serving.record import (
    PREDICTION,
    UNREMARKED,
    PredictionRecord,
    Salts,
    Verdicts,
    commitment,
    digest_of_answer,
    shown,
)
from secmlops.serving.settings import AUDIT_WINDOW_S

LINGER_S = 0.03
"""How long, in seconds, an entry waits for others in async mode; with the commit itself it is on disk within 50 ms."""
_INDEX = re.compile(r"[0-9]{1,15}")
_ID = re.compile(r"[0-9a-f]{32}")

FLUSH_S = 1.0
"""How long, in seconds, a receipt waits at most for a record that is not yet on disk."""

_Index: TypeAlias = asyncio.Future[int]


class Durability(StrEnum):
    """When an answer may leave: once its record is on disk, or at once."""

    DURABLE = "durable"
    ASYNC = "async"


def pace_of(durability: Durability, window_s: float) -> Pace:
    """How records are committed; ``window_s`` is how late one may be in async mode before answers are refused."""
    if durability is Durability.DURABLE:
        return Pace()
    return Pace(gather_s=LINGER_S, crowd=1024, capacity=8192, overdue_s=window_s, keeps=True)


class _Model(Protocol):
    @property
    def digest(self) -> Digest:
        """Digest of the model's bytes."""
        ...


class Answering(Protocol):
    """Whose answer is recorded: the digests of a release and of its model."""

    @property
    def release(self) -> Digest:
        """Digest of the release's signed manifest."""
        ...

    @property
    def predictor(self) -> _Model:
        """The model."""
        ...


class Pending(msgspec.Struct, frozen=True):
    """What the caller needs to prove an answer later.

    ``salt`` opens the commitment to the request. ``index`` gives the place in the log once the record is on disk, or
    raises SecmlopsError; None where nobody asked to wait for that.
    """

    id: str
    salt: bytes
    index: _Index | None


def _check_finite(scores: npt.NDArray[np.float64]) -> None:
    if not np.isfinite(scores).all():
        raise SecmlopsError("an answer that is no number could not be put on record")


class _Draft(NamedTuple):
    """What will be an entry: written out where many are, which is quicker than one by one between the requests."""

    number: str
    salt: bytes
    at: datetime
    identity: str
    model: Answering
    request: bytes
    scores: npt.NDArray[np.float64]
    outputs: list[list[float]]
    verdicts: Verdicts

    def entry(self) -> Entry:
        """Entry of the log."""
        record = PredictionRecord(
            id=self.number,
            release=str(self.model.release),
            model=str(self.model.predictor.digest),
            identity=self.identity,
            request=commitment(self.request, self.salt),
            rows=len(self.scores),
            answer=digest_of_answer(self.scores),
            outputs=self.outputs,
            at=self.at,
            verdicts=self.verdicts,
        )
        return Entry(PREDICTION, record.to_json(), self.number)


class _Drafts:
    """Writes drafts out, and has the log keep them."""

    def __init__(self, log: AnchoredLedger) -> None:
        self._log = log

    def append(self, drafts: Sequence[_Draft], /) -> range:
        """See Appender."""
        return self._log.append([draft.entry() for draft in drafts])

    def probe(self) -> None:
        """See Appender."""
        self._log.probe()


class Recorder:
    """Writes prediction records to the traffic log, for any number of models, and gives receipts to their owners.

    The log is anchored in the evidence log at once, now and then, and at the end. Any thread may record; who waits for
    the index does so in an event loop. Whatever the log complains of is no fault of the caller: it is raised as a bare
    SecmlopsError that tells nothing of the place, with the log's own words as its cause.

    In async mode a log that cannot be written is tried again four times a second with what was to be recorded; until
    that is on disk, nothing more is taken. Nor is it while the oldest record has waited for more than ``window_s``
    seconds.
    """

    def __init__(
        self,
        traffic: Ledger,
        evidence: Ledger,
        clock: Clock,
        durability: Durability = Durability.DURABLE,
        window_s: float = AUDIT_WINDOW_S,
    ) -> None:
        self._log = traffic
        self._clock = clock
        self._waits = durability is Durability.DURABLE
        self._anchored = AnchoredLedger(traffic, evidence)
        self._anchored.anchor()
        self._commit: GroupCommit[_Draft, _Index | None] = GroupCommit(
            _Drafts(self._anchored), _settle, pace_of(durability, window_s)
        )
        self._prefix = secrets.token_hex(10)  # ids are unique by it, in order by the number, and found fast for both
        self._numbers = itertools.count()
        self._salts = Salts()
        self._open = True

    @property
    def failed(self) -> bool:
        """Whether answers cannot be put on record now; it ends by itself once the log can be written again."""
        return self._commit.failure is not None

    def record(
        self,
        identity: str,
        model: Answering,
        request: bytes,
        scores: npt.NDArray[np.float64],
        verdicts: Verdicts = UNREMARKED,
    ) -> Pending:
        """Put an answer, ``scores`` [n, k], on record under the id of who asked; it may leave once ``index`` is there.

        Raises SecmlopsError when it cannot be recorded: then it must not be given.
        """
        outputs = shown(scores)
        if not math.isfinite(sum(map(sum, outputs))) or not outputs:  # the sum of a few is quicker than looking at all
            _check_finite(scores)
        number, salt = f"{self._prefix}{next(self._numbers):012x}", self._salts.next()
        index = asyncio.get_running_loop().create_future() if self._waits else None
        try:
            self._commit.append(
                _Draft(number, salt, self._clock(), identity, model, request, scores, outputs, verdicts), index
            )
        except SecmlopsError as error:
            raise _not_recorded(error) from error
        return Pending(number, salt, index)

    def receipt(self, identity: str, which: str) -> str | None:
        """Receipt of the identity's own prediction, by its id or index; None for anything else, there or not.

        Waits up to ``FLUSH_S`` seconds for a record of this recorder that is not yet on disk. Raises SecmlopsError when
        the log cannot be read.
        """
        try:
            entry = self._find(which)
            if entry is None or entry.kind != PREDICTION:
                return None
            record = PredictionRecord.from_json(entry.data)
            if record.identity != identity or which not in {record.id, str(entry.place)}:
                return None
            return self._log.receipt(entry.place)
        except SecmlopsError as error:
            raise SecmlopsError("the ledger gives no receipts now") from error

    def close(self) -> None:
        """Wait until everything handed in is on disk, and anchor the log; raises SecmlopsError when that fails."""
        if self._open:
            self._open = False
            self._commit.close()
            self._anchored.anchor()

    def _find(self, which: str) -> Record | None:
        if _INDEX.fullmatch(which):
            return self._log.entry(int(which)) if int(which) < self._log.size else None
        if not _ID.fullmatch(which):
            return None
        if which.startswith(self._prefix):
            self._commit.flush(FLUSH_S)
        return next(iter(self._log.find(which)), None)


def _settle(waiting: Sequence[_Index | None], outcome: Outcome) -> None:
    """Tell those who wait, with one call into each event loop."""
    outcomes: Iterable[int | Failure] = outcome if isinstance(outcome, range) else itertools.repeat(outcome)
    settled: dict[asyncio.AbstractEventLoop, list[tuple[_Index, int | Failure]]] = {}
    for index, place in zip(waiting, outcomes, strict=False):
        if index is not None:
            settled.setdefault(index.get_loop(), []).append((index, place))
    for loop, indices in settled.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_tell, indices)


def _tell(indices: Sequence[tuple[_Index, int | Failure]]) -> None:
    for index, place in indices:
        if index.done():  # who asked has gone
            continue
        if isinstance(place, int):
            index.set_result(place)
        else:
            index.set_exception(_not_recorded(place))


def _not_recorded(error: Failure) -> Failure:
    """Error for the caller; what is no error of the ledger's own stays what it is."""
    if not isinstance(error, SecmlopsError):
        return error
    told = SecmlopsError("the answer could not be put on record")
    told.__cause__ = error
    return told
