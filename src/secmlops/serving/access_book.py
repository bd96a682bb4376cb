"""Rights in the ledger: every grant and withdrawal is a signed entry, and the list in force is read from there."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.log import Ledger
from secmlops.ledger.view import LedgerView
from secmlops.serving.access import ACCESS, AccessList, Grant, Identity
from secmlops.trust import dsse
from secmlops.trust.keys import Signer
from secmlops.trust.roles import KeyRing, Role
from secmlops.trust.statement import PAYLOAD_TYPE, attest_statement

GRANT_TYPE = "urn:secmlops:grant:v1"


class _Statement(msgspec.Struct):
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: Grant


class AccessBook:
    """The API keys of one ledger. ``refresh`` takes in what was granted or withdrawn since."""

    def __init__(self, ledger: LedgerView, ring: KeyRing, mac_key: bytes) -> None:
        self._ledger = ledger
        self._ring = ring
        self._list = AccessList(mac_key)
        self._next = 0
        self.refresh()

    def refresh(self) -> None:
        """Read the entries that came since; raises VerificationError for one whose signature does not hold."""
        size = self._ledger.size
        if size == self._next:
            return
        for record in self._ledger.entries(self._next, ACCESS):
            self._list.replay(_read(record.data, self._ring))
            size = max(size, record.place + 1)
        self._next = size

    def authenticate(self, presented: str, now: datetime) -> Identity | None:
        """Identity behind the presented key, as of the last refresh, or None."""
        return self._list.authenticate(presented, now)

    @property
    def grants(self) -> Mapping[str, Grant]:
        """All grants by key id, withdrawn ones too."""
        return self._list.grants


def append_grant(ledger: Ledger, grant: Grant, signer: Signer) -> None:
    """Sign a change of rights and append it; durable on return."""
    subjects = {f"api key {grant.key}": Digest(grant.mac)}
    entry = attest_statement(GRANT_TYPE, subjects, msgspec.to_builtins(grant), signer)
    ledger.append([(ACCESS, entry)])


def _read(data: bytes, ring: KeyRing) -> Grant:
    envelope = dsse.Envelope.from_json(data)
    dsse.verify(envelope, ring.keys(Role.GATEWAY))
    if envelope.payload_type != PAYLOAD_TYPE:
        raise VerificationError("an access entry of another payload type")
    try:
        statement = msgspec.json.decode(envelope.payload, type=_Statement)
    except (msgspec.MsgspecError, InputError, UnicodeDecodeError) as error:
        raise VerificationError(f"not a grant: {error}") from None
    if statement.predicate_type != GRANT_TYPE:
        raise VerificationError("an access entry that is no grant")
    return statement.predicate
