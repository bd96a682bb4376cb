"""A right on a data set as an entry of the ledger: an in-toto statement in a DSSE envelope by the gateway's key."""

from dataclasses import dataclass

import msgspec

from secmlops.access.data_rights import DataRight
from secmlops.access.entries import name_of
from secmlops.core.errors import VerificationError
from secmlops.ledger.entry import Record
from secmlops.ledger.log import Ledger
from secmlops.trust import dsse
from secmlops.trust.canonical import digest_of
from secmlops.trust.keys import Signer
from secmlops.trust.roles import KeyRing, Role
from secmlops.trust.statement import PAYLOAD_TYPE, attest_statement, statement

DATA_RIGHT = "data-right"
PREDICATE_TYPE = "urn:secmlops:data-right:v1"
_LABEL = "data right"


class _Said(msgspec.Struct):
    predicate: msgspec.Raw


@dataclass(frozen=True, slots=True)
class SignedRight:
    """A right, and whether the key that signed it was ``revoked`` since: such a change only takes away."""

    right: DataRight
    revoked: bool


def append_right(ledger: Ledger, right: DataRight, signer: Signer) -> None:
    """Sign a right for this ledger and append it; durable on return."""
    bound = msgspec.structs.replace(right, ledger=name_of(ledger.origin))
    predicate = msgspec.to_builtins(bound)
    envelope = attest_statement(PREDICATE_TYPE, {_LABEL: digest_of(predicate)}, predicate, signer)
    ledger.append([(DATA_RIGHT, envelope)])


def read_right(record: Record, ring: KeyRing, origin: str) -> SignedRight:
    """Right that ``append_right`` wrote with a gateway's key of the ring; VerificationError for anything else."""
    where = f"entry {record.place}"
    envelope = dsse.Envelope.from_json(record.data)
    gateways = [entry for entry in ring.entries if entry.role is Role.GATEWAY]
    signers = dsse.verify(envelope, [entry.key for entry in gateways])
    revoked = {entry.key.key_id for entry in gateways if entry.revoked}
    try:
        predicate = msgspec.json.decode(envelope.payload, type=_Said).predicate
        right = msgspec.json.decode(predicate, type=DataRight)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise VerificationError(f"not a right on a data set: {error}", where=where) from None
    if (envelope.payload_type, envelope.payload) != (PAYLOAD_TYPE, _statement(right)):
        raise VerificationError("not a right on a data set, in its one form", where=where)
    if right.ledger != name_of(origin):
        raise VerificationError("a right that was given for another ledger", where=where)
    return SignedRight(right, revoked.issuperset(key.key_id for key in signers))


def _statement(right: DataRight) -> bytes:
    predicate = msgspec.to_builtins(right)
    return statement(PREDICATE_TYPE, {_LABEL: digest_of(predicate)}, predicate)
