"""Every answer is in the ledger before it leaves; if it cannot be written there, there is no answer."""

import asyncio
import base64
import uuid
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from secmlops.core.clock import Clock
from secmlops.core.errors import VerificationError
from secmlops.gateway.served import Served
from secmlops.ledger.batch import GroupCommit
from secmlops.ledger.log import Ledger
from secmlops.serving.access import Identity
from secmlops.serving.record import MAX_SHOWN_ROWS, PREDICTION, PredictionRecord, commit_to, digest_of_answer


class Recorder:
    """Writes prediction records by group commit, and gives receipts to whom they belong."""

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
            outputs=scores.tolist() if len(scores) <= MAX_SHOWN_ROWS else [],
            at=self._clock(),
        )
        index = await asyncio.wrap_future(self._commit.append(PREDICTION, record.to_json()))
        return {"prediction_id": record.id, "ledger_index": index, "salt": base64.b64encode(salt).decode()}

    def receipt(self, identity: Identity, index: int) -> str | None:
        """Receipt of the identity's own prediction at ``index``, or None; raises what the ledger raises."""
        if not 0 <= index < self._ledger.size:
            return None
        entry = self._ledger.entry(index)
        if entry.kind != PREDICTION:
            return None
        record = PredictionRecord.from_json(entry.data)
        return self._ledger.receipt(index) if record.identity == identity.key else None

    def sound(self) -> bool:
        """Whether the ledger can be read and still continues what was seen of it."""
        try:
            return self._ledger.size >= 0
        except VerificationError:
            return False

    def close(self) -> None:
        """Wait until everything handed in is on disk."""
        self._commit.close()
