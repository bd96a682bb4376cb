"""Checkpoints: the signed size and root of a log (C2SP tlog-checkpoint)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE
from secmlops.ledger.note import NoteKey, decode_base64, encode_base64, open_note, sign_note, split_note
from secmlops.trust.keys import PublicKey, Signer

DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
"""ASCII decimal without leading zeros, below 10**19."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Which log (``origin``), how many entries (``size``), and the 32-byte Merkle root over them.

    ``extensions`` are further lines of the note, opaque and signed with it; ours have none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Sign a checkpoint as a note whose key name is the origin; raises InputError unless the key is Ed25519."""
    return sign_note(checkpoint.text, checkpoint.origin, signer)


def read_checkpoint(note: bytes, keys: Sequence[PublicKey], origin: str | None = None) -> Checkpoint:
    """Checkpoint of a note that one of ``keys`` signed under the name of the log.

    ``origin`` is the log that is expected; None takes any log whose key is among ``keys``. Signatures by others
    (witnesses, later keys) are ignored. Raises VerificationError.
    """
    claimed = split_note(note)[0].partition("\n")[0]
    if origin is not None and claimed != origin:
        raise VerificationError(f"a checkpoint of another log: {claimed[:80]}", hint=f"expected {origin}")
    try:
        named = [NoteKey(claimed, key) for key in keys]
    except InputError as error:
        raise VerificationError(error.what, where=error.where, hint="a log signs with Ed25519") from None
    return _parse(open_note(note, named))


def _parse(text: str) -> Checkpoint:
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise VerificationError("not a checkpoint", hint="origin, size, root: at least three lines, none empty")
    origin, size, root, *extensions = lines
    if not DECIMAL.fullmatch(size) or int(size) > MAX_SIZE:
        raise VerificationError(f"{size[:40]!r} is not the size of a log", where=origin[:80])
    digest = decode_base64(root)
    if len(digest) != HASH_SIZE or (int(size) == 0 and digest != EMPTY_ROOT):
        raise VerificationError("the root of the checkpoint is not a root of its size", where=origin[:80])
    return Checkpoint(origin, int(size), digest, tuple(extensions))
