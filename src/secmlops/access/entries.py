"""A change of rights as an entry of the ledger: an in-toto statement in a DSSE envelope by the gateway's key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import msgspec

from secmlops.access.changes import Certificate, Change, Grant, Issuer, Role, User
from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.ledger.entry import Record
from secmlops.ledger.log import Ledger
from secmlops.trust import dsse
from secmlops.trust.canonical import canonical_json
from secmlops.trust.keys import Signer
from secmlops.trust.roles import KeyRing
from secmlops.trust.roles import Role as Duty
from secmlops.trust.statement import PAYLOAD_TYPE, STATEMENT_TYPE, attest_statement

ACCESS = "access"
TYPES: Mapping[str, type[Change]] = MappingProxyType(
    {
        "urn:secmlops:grant:v1": Grant,
        "urn:secmlops:user:v1": User,
        "urn:secmlops:role:v1": Role,
        "urn:secmlops:issuer:v1": Issuer,
        "urn:secmlops:certificate:v1": Certificate,
    }
)
"""What is said, by predicate type."""

_TYPE_OF = {kind: name for name, kind in TYPES.items()}


class _Subject(msgspec.Struct):
    digest: dict[str, str]


class _Statement(msgspec.Struct):
    type: str = msgspec.field(name="_type")
    subject: tuple[_Subject, ...]
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: msgspec.Raw


def append_changes(ledger: Ledger, changes: Sequence[Change], signer: Signer) -> None:
    """Sign changes of rights for this ledger and append them, all or none; durable on return."""
    bound = [msgspec.structs.replace(change, ledger=name_of(ledger.origin)) for change in changes]
    ledger.append([(ACCESS, _signed(change, signer)) for change in bound])


@dataclass(frozen=True, slots=True)
class SignedChange:
    """A change, and whether the key that signed it was ``revoked`` since: such a change only takes away."""

    change: Change
    revoked: bool


def read_change(record: Record, ring: KeyRing, origin: str) -> SignedChange:
    """Change that ``append_changes`` wrote with a gateway's key of the ring; VerificationError for anything else.

    A grant of the first version names no ledger; every other change must name this one.
    """
    where = f"entry {record.place}"
    envelope = dsse.Envelope.from_json(record.data)
    gateways = [entry for entry in ring.entries if entry.role is Duty.GATEWAY]
    signers = dsse.verify(envelope, [entry.key for entry in gateways])
    revoked = {entry.key.key_id for entry in gateways if entry.revoked}
    if envelope.payload_type != PAYLOAD_TYPE:
        raise VerificationError("an access entry of another payload type", where=where)
    try:
        said = msgspec.json.decode(envelope.payload, type=_Statement)
        if said.type != STATEMENT_TYPE or said.predicate_type not in TYPES:
            raise VerificationError("an access entry that is no change of rights", where=where)
        change = msgspec.json.decode(said.predicate, type=TYPES[said.predicate_type])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise VerificationError(f"not a change of rights: {error}", where=where) from None
    if [subject.digest for subject in said.subject] != [{"sha256": _subject(change).hex}]:
        raise VerificationError("an access entry about something else", where=where)
    if change.ledger != name_of(origin) and not (isinstance(change, Grant) and not change.ledger):
        raise VerificationError("an access entry that was made for another ledger", where=where)
    return SignedChange(change, revoked.issuperset(key.key_id for key in signers))


def name_of(origin: str) -> str:
    """How a change names the ledger with this origin."""
    return str(Digest.of(origin.encode()))


def _signed(change: Change, signer: Signer) -> bytes:
    predicate = msgspec.to_builtins(change)
    return attest_statement(_TYPE_OF[type(change)], {_label(change): _subject(change)}, predicate, signer)


def _label(change: Change) -> str:
    return f"api key {change.key}" if isinstance(change, Grant) else type(change).__name__.lower()


def _subject(change: Change) -> Digest:
    """What the statement is about: the secret's digest, the certificate, or the very words of the change."""
    if isinstance(change, Grant):
        return Digest(change.mac)
    if isinstance(change, Certificate):
        return Digest(change.fingerprint)
    return Digest.of(canonical_json(msgspec.to_builtins(change)))
