"""Every answer is in the ledger before it leaves; if it cannot be written there, there is no answer."""

import asyncio
import base64
import uuid
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from secmlops.access.identity import Identity
from secmlops.core.clock import Clock
from secmlops.core.errors import SecmlopsError
from secmlops.gateway.served import Served
from secmlops.ledger.batch import GroupCommit
from secmlops.ledger.log import Ledger
from secmlops.serving.record import PREDICTION, PredictionRecord, commit_to, digest_of_answer, shown


class Recorder:
    """Writes prediction records by group commit, and gives receipts to whom they belong.

    Whatever the ledger complains of is no fault of the caller: it is raised as a bare SecmlopsError that tells nothing
    of the place, with the ledger's own words as its cause.
    """

    def __init__(self, ledger: Ledger, served: Served, clock: Clock) -> None:
        self._ledger = ledger
        self._commit = GroupCommit(ledger, wait_s=0.0)
        self._served = served
        self._clock = clock

    async def record(
        self, identity: Identity, request: bytes, scores: npt.NDArray[np.float64]
    ) -> Mapping[str, str | int]:
        """Put an answer on record, durably; returns what the caller needs to prove it later."""
        commitment, salt = commit_to(request)
        record = PredictionRecord(
            id=str(uuid.uuid4()),
            release=str(self._served.release),
            model=str(self._served.predictor.digest),
            identity=identity.key,
            request=commitment,
            rows=len(scores),
            answer=str(digest_of_answer(scores)),
            outputs=shown(scores),
            at=self._clock(),
        )
        try:
            index = await asyncio.wrap_future(self._commit.append(PREDICTION, record.to_json()))
        except SecmlopsError as error:
            raise SecmlopsError("the answer could not be put on record") from error
        return {"prediction_id": record.id, "ledger_index": index, "salt": base64.b64encode(salt).decode()}

    def receipt(self, identity: Identity, index: int) -> str | None:
        """Receipt of the identity's own prediction at ``index``; None for anything else, there or not."""
        try:
            if not 0 <= index < self._ledger.size:
                return None
            entry = self._ledger.entry(index)
            if entry.kind != PREDICTION or PredictionRecord.from_json(entry.data).identity != identity.key:
                return None
            return self._ledger.receipt(index)
        except SecmlopsError as error:
            raise SecmlopsError("the ledger gives no receipts now") from error

    def close(self) -> None:
        """Wait until everything handed in is on disk."""
        self._commit.close()
