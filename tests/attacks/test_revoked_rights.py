"""Rights that were given with a gateway's key which was stolen and then revoked: they count for nothing."""

import dataclasses
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from secmlops.access.administration import Administration
from secmlops.access.book import AccessBook
from secmlops.access.changes import Certificate, Issuer
from secmlops.access.changes import Role as OwnRole
from secmlops.access.entries import append_changes
from secmlops.access.keys import Narrowing
from secmlops.access.permissions import Permission
from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.log import Ledger
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
MAC_KEY = b"k" * 32
ALL = Narrowing(scopes=("*",))
ISSUER = Issuer(issuer="https://id.example", audience="a", algorithms=("RS256",), version=1, at=NOW, jwks="{}")
CERTIFICATE = Certificate(fingerprint="0" * 64, name="ada", pem="", expires=NOW + timedelta(9), version=1, at=NOW)


class Owner:
    """A project's rights, and two gateway keys: ``good`` and ``stolen``. ``signer`` is the one in use."""

    def __init__(self, folder):
        self.good, self.stolen = (PrivateKey.generate(Algorithm.ED25519) for _ in range(2))
        self.ring = KeyRing()
        for key in (self.good, self.stolen):
            self.ring = self.ring.with_key(key.public, Role.GATEWAY, NOW - timedelta(days=1))
        self.ledger = Ledger.open(folder / "ledger.db", PrivateKey.generate(Algorithm.ED25519), "secmlops.test/one")
        self.signer = self.good
        self.book = AccessBook(self.ledger, lambda: self.ring, MAC_KEY)
        self.rights = Administration(self.book, MAC_KEY, lambda: NOW, self.append)

    def append(self, change):
        append_changes(self.ledger, [change], self.signer)

    def revoke(self):
        self.ring = self.ring.revoking(self.stolen.key_id)
        self.signer = self.good
        self.book.refresh()


@pytest.fixture
def owner(tmp_path):
    made = Owner(tmp_path)
    yield made
    made.ledger.close()


def test_a_revoked_key_does_not_lock_the_owner_out(owner):
    """Whoever stole a key and wrote with it must not be able to stop the project for good."""
    kept, _ = owner.rights.grant_anyone("ada", ALL)
    owner.signer = owner.stolen
    owner.rights.grant_anyone("eve", ALL)
    owner.revoke()
    assert owner.book.authenticate(kept, NOW).name == "ada"
    another, _ = owner.rights.grant_anyone("bob", ALL)
    owner.book.refresh()
    assert owner.book.authenticate(another, NOW).name == "bob"
    assert AccessBook(owner.ledger, owner.ring, MAC_KEY).state.passed_over == 1


def test_what_a_stolen_key_gave_is_gone_while_the_book_is_open(owner):
    owner.signer = owner.stolen
    owner.rights.set_role("own", [Permission("*", "*")])
    owner.rights.set_user("eve", ["own", "admin"])
    key, _ = owner.rights.grant("eve", ALL)
    owner.rights.trust(ISSUER)
    owner.append(msgspec.structs.replace(CERTIFICATE, name="eve"))
    owner.book.refresh()
    assert owner.book.authenticate(key, NOW).may("access.manage", "access")
    assert owner.book.certificate(CERTIFICATE.fingerprint, NOW)
    owner.revoke()
    state = owner.book.state
    assert owner.book.authenticate(key, NOW) is None
    assert owner.book.certificate(CERTIFICATE.fingerprint, NOW) is None
    assert not owner.book.directory.issuers
    assert not any((state.users, state.roles, state.grants, state.issuers, state.certificates))
    assert state.passed_over == 5
    assert "5 changes of rights count for nothing" in state.passed_over_in_words


def test_what_was_taken_away_with_it_does_not_come_back(owner):
    """Fail closed: the owner withdrew with that key, too, before it was stolen."""
    owner.rights.set_role("own", [Permission("*", "*")])
    owner.rights.set_user("ada", ["own"])
    owner.rights.set_user("bob", ["admin"])
    one, grant = owner.rights.grant("ada", ALL)
    other, _ = owner.rights.grant("bob", ALL)
    owner.rights.trust(ISSUER)
    owner.append(CERTIFICATE)
    owner.signer = owner.stolen
    owner.rights.withdraw(grant.key)
    owner.rights.remove_user("bob")
    owner.rights.distrust(ISSUER.issuer)
    owner.append(msgspec.structs.replace(CERTIFICATE, version=2, removed=True))
    owner.rights.remove_role("own")
    owner.revoke()
    assert owner.book.authenticate(one, NOW) is None
    assert owner.book.authenticate(other, NOW) is None
    assert owner.book.certificate(CERTIFICATE.fingerprint, NOW) is None
    assert not owner.book.directory.issuers
    assert owner.book.state.roles["own"].removed
    assert owner.book.state.passed_over == 0
    owner.rights.set_user("bob", ["viewer"])
    owner.book.refresh()
    assert owner.book.authenticate(other, NOW) is None, "a new user of that name does not come into the old keys"


def test_less_that_was_given_with_it_does_not_become_more_again(owner):
    owner.rights.set_role("own", [Permission("read", "*"), Permission("predict", "*")])
    owner.rights.set_user("ada", ["own", "admin"])
    key, _ = owner.rights.grant("ada", ALL)
    owner.signer = owner.stolen
    owner.rights.set_role("own", [Permission("read", "*"), Permission("access.manage", "*")])
    owner.rights.set_user("ada", ["own"])
    owner.revoke()
    found = owner.book.authenticate(key, NOW)
    assert found.may("read", "model:x")
    assert not any(found.may(action, "model:x") for action in ("predict", "access.manage"))
    owner.rights.set_user("ada", ["admin"])
    owner.book.refresh()
    assert owner.book.authenticate(key, NOW).may("access.manage", "access"), "and the owner's word counts"


def test_a_withdrawal_of_what_it_granted_makes_nobody_a_user(owner):
    owner.signer = owner.stolen
    key, grant = owner.rights.grant_anyone("eve", ALL)
    owner.signer = owner.good
    owner.rights.withdraw(grant.key)
    owner.revoke()
    assert "eve" not in owner.book.state.users
    assert owner.book.authenticate(key, NOW) is None
    owner.ledger.append([("access", owner.ledger.entry(0).data)])
    owner.book.refresh()
    assert owner.book.authenticate(key, NOW) is None


def test_a_key_of_a_user_whom_only_it_named_waits_until_the_owner_names_them(owner):
    """Else a viewer's key would become a caller's: a grant to a name that nobody has makes a caller."""
    owner.signer = owner.stolen
    owner.rights.set_user("ada", ["viewer"])
    owner.signer = owner.good
    key, _ = owner.rights.grant("ada", ALL)
    owner.revoke()
    assert owner.book.authenticate(key, NOW) is None
    with pytest.raises(InputError, match="named by a revoked key"):
        owner.rights.grant_anyone("ada", ALL)
    owner.rights.set_user("ada", ["viewer"])
    owner.book.refresh()
    assert not owner.book.authenticate(key, NOW).may("predict", "model:x")


def test_it_cannot_use_up_the_versions_of_a_name(owner):
    owner.rights.set_user("ada", ["viewer"])
    owner.signer = owner.stolen
    owner.append(msgspec.structs.replace(owner.book.state.users["ada"], roles=("admin",), version=2**53 - 1))
    owner.append(OwnRole(name="own", permissions=(Permission("*", "*"),), version=2**53 - 1, at=NOW))
    owner.revoke()
    assert owner.book.state.users["ada"].roles == ()
    owner.rights.set_user("ada", ["caller"])
    owner.rights.set_role("own", [Permission("read", "*")])
    assert owner.book.state.users["ada"].roles == ("caller",)


def test_an_earlier_entry_of_it_that_is_appended_once_more_ends_nobodys_keys(owner):
    owner.signer = owner.stolen
    owner.rights.set_user("ada", ["viewer"])
    owner.rights.remove_user("ada")
    owner.revoke()
    owner.rights.set_user("ada", ["viewer"])
    owner.rights.set_user("ada", ["caller"])
    key, _ = owner.rights.grant("ada", ALL)
    owner.ledger.append([("access", owner.ledger.entry(1).data)])
    owner.book.refresh()
    assert owner.book.authenticate(key, NOW).name == "ada"


def test_an_entry_by_a_key_that_nobody_knows_still_stops_everything(owner):
    owner.signer = PrivateKey.generate(Algorithm.ED25519)
    owner.append(ISSUER)
    with pytest.raises(VerificationError):
        owner.book.refresh()
    owner.signer = owner.good
    with pytest.raises(VerificationError):
        owner.revoke()
    assert not owner.book.directory.issuers


def test_the_key_of_another_duty_is_no_revoked_gateway_key(owner):
    engineer = PrivateKey.generate(Algorithm.ED25519)
    owner.ring = owner.ring.with_key(engineer.public, Role.ENGINEER, NOW).revoking(engineer.key_id)
    owner.signer = engineer
    owner.append(ISSUER)
    with pytest.raises(VerificationError):
        owner.book.refresh()


def test_a_change_that_a_second_key_signed_too_counts(owner):
    owner.append(ISSUER)
    (record,) = owner.ledger.entries(0)
    envelope = dsse.Envelope.from_json(record.data)
    again = dsse.sign(envelope.payload_type, envelope.payload, owner.stolen)
    both = dataclasses.replace(envelope, signatures=(*again.signatures, *envelope.signatures))
    owner.ledger.append([("access", both.to_json())])
    owner.revoke()
    assert list(owner.book.directory.issuers) == [ISSUER.issuer]
    assert owner.book.state.passed_over == 0
