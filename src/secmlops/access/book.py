"""Rights in the ledger: every grant and withdrawal is a signed entry, and the list in force is read from there."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from secmlops.access.following import Follower
from secmlops.access.keys import ACCESS, AccessList, Grant, Identity
from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.ledger.entry import Record
from secmlops.ledger.log import Ledger
from secmlops.ledger.view import LedgerView
from secmlops.trust import dsse
from secmlops.trust.keys import Signer
from secmlops.trust.roles import KeyRing, Role
from secmlops.trust.statement import PAYLOAD_TYPE, STATEMENT_TYPE, attest_statement

GRANT_TYPE = "urn:secmlops:grant:v1"


class _Subject(msgspec.Struct):
    digest: dict[str, str]


class _Statement(msgspec.Struct):
    type: str = msgspec.field(name="_type")
    subject: tuple[_Subject, ...]
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: Grant


class AccessBook:
    """The API keys of one ledger. ``refresh`` takes in what was granted or withdrawn since."""

    def __init__(self, ledger: LedgerView, ring: KeyRing, mac_key: bytes) -> None:
        self._ring = ring
        self._list = AccessList(mac_key)
        self._follower = Follower(ledger, ACCESS)
        self.refresh()

    def refresh(self) -> None:
        """Take in the entries that came since: all of them, or none when one is not what it claims to be.

        Raises VerificationError then, and again at every later call, since no entry is ever passed over; InputError
        when the ledger cannot be read now.
        """
        for grant in self._follower.step(self._read):
            self._list.replay(grant)

    def authenticate(self, presented: str, now: datetime) -> Identity | None:
        """Identity behind the presented key, as of the last refresh, or None."""
        return self._list.authenticate(presented, now)

    @property
    def grants(self) -> Mapping[str, Grant]:
        """All grants by key id, withdrawn ones too."""
        return self._list.grants

    def _read(self, record: Record) -> Grant:
        envelope = dsse.Envelope.from_json(record.data)
        dsse.verify(envelope, self._ring.keys(Role.GATEWAY))
        if envelope.payload_type != PAYLOAD_TYPE:
            raise VerificationError("an access entry of another payload type", where=f"entry {record.place}")
        try:
            said = msgspec.json.decode(envelope.payload, type=_Statement)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise VerificationError(f"not a grant: {error}", where=f"entry {record.place}") from None
        named = [subject.digest for subject in said.subject] == [{"sha256": said.predicate.mac}]
        if (said.type, said.predicate_type) != (STATEMENT_TYPE, GRANT_TYPE) or not named:
            raise VerificationError("an access entry that is no grant", where=f"entry {record.place}")
        return said.predicate


def append_grant(ledger: Ledger, grant: Grant, signer: Signer) -> None:
    """Sign a change of rights and append it; durable on return."""
    subjects = {f"api key {grant.key}": Digest(grant.mac)}
    entry = attest_statement(GRANT_TYPE, subjects, msgspec.to_builtins(grant), signer)
    ledger.append([(ACCESS, entry)])
