"""What is put on record about a prediction: enough to prove it later, nothing that tells what was asked.

The request is recorded as a salted commitment: SHA-256 over a random 32-byte salt and the bytes of the request. The
salt goes to the caller with the answer and is not kept, so the log cannot be searched for a person by guessing their
data, while the caller can show what was asked.
"""

import hashlib
import secrets
from datetime import datetime

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError

PREDICTION = "prediction"
MAX_SHOWN_VALUES = 256
"""Outputs on record, at most: however many classes there are, a record stays far below the largest entry."""


class PredictionRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answered request of ``rows`` rows.

    ``release`` and ``model`` are digests, ``identity`` is a key's id and not a name, ``request`` the commitment to the
    body. ``answer`` is the digest of the scores given: SHA-256 over their float64 little-endian bytes, row by row;
    ``outputs`` shows the scores, too, unless they are more than ``MAX_SHOWN_VALUES``.
    """

    id: str
    release: str
    model: str
    identity: str
    request: str
    rows: int
    answer: str
    outputs: list[list[float]]
    at: datetime

    def to_json(self) -> bytes:
        """Return the entry of the ledger: JSON with its members in order. The ledger signs these bytes as they are."""
        return msgspec.json.encode(self, order="sorted")

    @classmethod
    def from_json(cls, data: bytes) -> "PredictionRecord":
        """Read what ``to_json`` wrote; raises VerificationError otherwise."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise VerificationError(f"not the record of a prediction: {error}") from None


def commit_to(request: bytes) -> tuple[str, bytes]:
    """Make a commitment to the bytes of a request: the digest to record, and the salt that opens it."""
    salt = secrets.token_bytes(32)
    return commitment(request, salt), salt


def commitment(request: bytes, salt: bytes) -> str:
    """Digest that stands for ``request`` under ``salt``."""
    return str(Digest(hashlib.sha256(salt + request).hexdigest()))


def shown(scores: npt.NDArray[np.float64]) -> list[list[float]]:
    """Scores [n, k] as they stand on record: all of them, or none when they are too many."""
    rows: list[list[float]] = scores.tolist() if scores.size <= MAX_SHOWN_VALUES else []
    return rows


def digest_of_answer(scores: npt.NDArray[np.float64]) -> Digest:
    """Digest that stands for scores [n, k] on record."""
    return Digest.of(np.ascontiguousarray(scores, "<f8").tobytes())
