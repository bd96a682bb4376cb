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

from secmlops.core.errors import VerificationError
from secmlops.trust.canonical import canonical_json

PREDICTION = "prediction"
MAX_SHOWN_VALUES = 256
"""Outputs on record, at most: however many classes there are, a record stays far below the largest entry."""
_EXACT = 2.0**53
_SALT, _SALTS_AT_ONCE = 32, 64
_FLOAT64 = np.dtype("<f8")


class Verdicts(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the safeguards said of a request that was answered, in a few words each; empty when they had nothing to say.

    The words are the safeguards' own (``clipped``, ``unusual``): no value that was asked about may be among them.
    """

    validation: str = ""
    guard: str = ""
    watch: str = ""


UNREMARKED = Verdicts()
"""No safeguard had anything to say."""


class PredictionRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One answered request of ``rows`` rows.

    ``release`` and ``model`` are digests, ``identity`` is an id and not a name, ``request`` the commitment to the
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
    verdicts: Verdicts = UNREMARKED

    def to_json(self) -> bytes:
        """Return the entry of the ledger, canonical JSON (RFC 8785); InputError when a score is not finite."""
        outputs = _as_written(self.outputs)
        if outputs is None:
            return canonical_json(msgspec.to_builtins(self))
        return _encode(self if outputs is self.outputs else msgspec.structs.replace(self, outputs=outputs))

    @classmethod
    def from_json(cls, data: bytes) -> "PredictionRecord":
        """Read what ``to_json`` wrote; raises VerificationError otherwise."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise VerificationError(f"not the record of a prediction: {error}") from None


_encode = msgspec.json.Encoder(order="sorted").encode


def _as_written(outputs: list[list[float]]) -> list[list[float]] | None:
    """Outputs that msgspec writes as RFC 8785 does; None when there is a number that it never writes so.

    The two differ in whole numbers, which an int settles, in 1e-06 up to 1e-05, beyond 2**53, and in what is no number.
    """
    whole = False
    for row in outputs:
        for value in row:
            size = abs(value)
            if not size < _EXACT or 1e-6 <= size < 1e-5:
                return None
            whole = whole or value == int(value)
    return [[_shortest(value) for value in row] for row in outputs] if whole else outputs


def _shortest(value: float) -> float:
    return int(value) if value == int(value) else value


class Salts:
    """Random salts of 32 bytes, from the system's generator; many are fetched at once, which costs as much as one."""

    def __init__(self) -> None:
        self._left: list[bytes] = []

    def next(self) -> bytes:
        """Salt that was never given before."""
        if not self._left:
            block = secrets.token_bytes(_SALT * _SALTS_AT_ONCE)
            self._left = [block[start : start + _SALT] for start in range(0, len(block), _SALT)]
        return self._left.pop()


def commitment(request: bytes, salt: bytes) -> str:
    """Digest that stands for ``request`` under ``salt``."""
    return f"sha256:{hashlib.sha256(salt + request).hexdigest()}"


def shown(scores: npt.NDArray[np.float64]) -> list[list[float]]:
    """Scores [n, k] as they stand on record: all of them, or none when they are too many."""
    rows: list[list[float]] = scores.tolist() if scores.size <= MAX_SHOWN_VALUES else []
    return rows


def digest_of_answer(scores: npt.NDArray[np.float64]) -> str:
    """Digest that stands for scores [n, k] on record."""
    plain = scores if scores.dtype is _FLOAT64 else scores.astype(_FLOAT64)
    return f"sha256:{hashlib.sha256(plain.tobytes()).hexdigest()}"  # tobytes writes row by row, whatever the layout
