"""Receipts: one file that proves, offline and with one public key, that an entry is in a log (C2SP tlog-proof v1)."""

from dataclasses import dataclass
from typing import Self

from secmlops.core.errors import VerificationError
from secmlops.ledger.checkpoint import DECIMAL, read_checkpoint
from secmlops.ledger.entry import open_leaf
from secmlops.ledger.merkle import HASH_SIZE, leaf_hash, verify_inclusion
from secmlops.ledger.note import MAX_NOTE_SIZE, decode_base64, encode_base64
from secmlops.trust.keys import PublicKey

HEADER = "c2sp.org/tlog-proof@v1"
MAX_PROOF_LENGTH = 63
MAX_RECEIPT_SIZE = 2 * MAX_NOTE_SIZE


@dataclass(frozen=True, slots=True)
class Receipt:
    """Entry ``index``, its inclusion proof (32-byte hashes, leaf's sibling first) and the signed checkpoint.

    ``extra`` carries the leaf bytes. The format does not authenticate it by itself; ``verify_receipt`` does, because it
    hashes exactly these bytes.
    """

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_text(self) -> str:
        """Text form, to be kept in a file named ``*.tlog-proof``."""
        extra = [] if self.extra is None else [f"extra {encode_base64(self.extra)}"]
        lines = [HEADER, *extra, f"index {self.index}", *map(encode_base64, self.proof), ""]
        return "".join(f"{line}\n" for line in lines) + self.checkpoint.decode()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form, byte for byte; nothing is verified. Raises VerificationError."""
        if len(text) > MAX_RECEIPT_SIZE:
            raise VerificationError(f"a receipt of {len(text)} characters is too large")
        head, _, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if lines.pop(0) != HEADER:
            raise VerificationError("not a receipt", hint=f"the first line is {HEADER}")
        extra = decode_base64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
        index = lines.pop(0) if lines else ""
        if not index.startswith("index ") or not DECIMAL.fullmatch(index[6:]):
            raise VerificationError("the receipt names no entry", hint="a line: index <number>")
        proof = tuple(decode_base64(line) for line in lines[: MAX_PROOF_LENGTH + 1])
        if len(proof) > MAX_PROOF_LENGTH or any(len(one) != HASH_SIZE for one in proof):
            raise VerificationError("the inclusion proof of the receipt is malformed")
        try:
            return cls(int(index[6:]), proof, checkpoint.encode(), extra)
        except UnicodeEncodeError:
            raise VerificationError("the receipt is not UTF-8") from None


def verify_receipt(text: str, key: PublicKey, origin: str | None = None) -> bytes:
    """Leaf bytes of the entry that the receipt proves; ``entry.open_leaf`` takes them apart into kind and data.

    ``origin`` None takes any log that ``key`` signs for. Raises VerificationError when the receipt was changed, is by
    another key or log, or proves another entry.
    """
    receipt = Receipt.parse(text)
    checkpoint = read_checkpoint(receipt.checkpoint, [key], origin)
    if receipt.extra is None:
        raise VerificationError("the receipt does not carry its entry", hint="a line: extra <base 64>")
    verify_inclusion(leaf_hash(receipt.extra), receipt.index, checkpoint.size, receipt.proof, checkpoint.root)
    open_leaf(receipt.extra)
    return receipt.extra
