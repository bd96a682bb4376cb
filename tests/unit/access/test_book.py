"""Rights in the ledger: signed by the gateway's key, for this ledger, read in order, all or nothing."""

from datetime import UTC, datetime

import msgspec
import pytest

from secmlops.access.book import AccessBook
from secmlops.access.changes import Certificate, ClaimRule, Issuer, Role, User
from secmlops.access.entries import append_changes, name_of
from secmlops.access.keys import Narrowing, new_key
from secmlops.access.permissions import Permission
from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.statement import PAYLOAD_TYPE, attest_statement, statement

T0 = datetime(2026, 3, 1, tzinfo=UTC)
MAC_KEY = b"k" * 32
GRANT_TYPE = "urn:secmlops:grant:v1"
USER = User(name="ada", roles=("viewer",), version=1, at=T0)


def made(name="somebody"):
    return new_key(MAC_KEY, name, Narrowing(scopes=("predict",)), T0)


@pytest.fixture
def book(ledger, ring):
    return AccessBook(ledger, ring, MAC_KEY)


def test_a_grant_counts_once_the_book_is_read_again(book, ledger, signer):
    key, grant = made()
    append_changes(ledger, [grant], signer)
    assert book.authenticate(key, T0) is None
    book.refresh()
    assert book.authenticate(key, T0).name == "somebody"


def test_a_withdrawal_ends_it(book, ledger, signer):
    key, grant = made()
    append_changes(ledger, [grant], signer)
    append_changes(ledger, [msgspec.structs.replace(grant, withdrawn=True)], signer)
    book.refresh()
    assert book.authenticate(key, T0) is None
    assert book.state.grants[grant.key].withdrawn


def test_every_kind_of_change_reads_back(book, ledger, signer):
    changes = [
        USER,
        Role(name="own", permissions=(Permission("read", "model:*"),), version=1, at=T0),
        made("ada")[1],
        Issuer(issuer="https://id.example", audience="a", algorithms=("RS256",), version=1, at=T0, jwks="{}",
               rules=(ClaimRule("groups", "x", "viewer"),)),
        Certificate(fingerprint="0" * 64, name="ada", pem="pem", expires=T0, version=1, at=T0),
    ]  # fmt: skip
    append_changes(ledger, changes, signer)
    book.refresh()
    state = book.state
    kept = [*state.users.values(), *state.roles.values(), *state.grants.values(), *state.issuers.values(),
            *state.certificates.values()]  # fmt: skip
    assert [msgspec.structs.replace(one, ledger="") for one in kept] == changes
    assert all(state.holds(one) for one in kept if one is not kept[2])


def test_a_directory_takes_the_place_of_another_only_when_rights_change(book, ledger, signer):
    first = book.directory
    ledger.append([("evidence", b"x")])
    book.refresh()
    assert book.directory is first
    append_changes(ledger, [USER], signer)
    book.refresh()
    assert book.directory is not first


def test_a_new_book_reads_the_whole_ledger(ledger, ring, signer):
    keys = []
    for _ in range(3):
        key, grant = made()
        append_changes(ledger, [grant], signer)
        ledger.append([("prediction", b"between")])
        keys.append(key)
    book = AccessBook(ledger, ring, MAC_KEY)
    assert all(book.authenticate(key, T0) for key in keys)


def test_a_change_by_a_key_that_is_not_the_gateways_is_refused_for_ever(book, ledger, signer):
    key, grant = made()
    append_changes(ledger, [grant], PrivateKey.generate(Algorithm.ED25519))
    good_key, good = made()
    append_changes(ledger, [good], signer)
    for _ in range(2):
        with pytest.raises(VerificationError):
            book.refresh()
    assert book.authenticate(key, T0) is None
    assert book.authenticate(good_key, T0) is None  # all that is new, or nothing


def grant_json():
    return msgspec.to_builtins(made()[1])


def subject_of(grant):
    return {"api key": Digest(grant["mac"])}


def user_json(**changes):
    return msgspec.to_builtins(msgspec.structs.replace(USER, **changes))


def forged(kind, signer, origin):
    grant = grant_json()
    subjects = subject_of(grant)
    user = user_json(ledger=name_of(origin))
    if kind == "another predicate type":
        return attest_statement("urn:secmlops:evidence:v1", subjects, grant, signer)
    if kind == "another payload type":
        return dsse.sign("text/plain", statement(GRANT_TYPE, subjects, grant), signer).to_json()
    if kind == "another subject":
        return attest_statement(GRANT_TYPE, {"api key": Digest.of(b"other")}, grant, signer)
    if kind == "another subject of a user":
        return attest_statement("urn:secmlops:user:v1", {"user": Digest.of(b"other")}, user, signer)
    if kind == "a role that says it is a user":
        return attest_statement("urn:secmlops:role:v1", {"user": Digest.of(b"other")}, user, signer)
    if kind == "no grant":
        return attest_statement(GRANT_TYPE, subjects, {"key": 1}, signer)
    if kind == "no statement":
        return dsse.sign(PAYLOAD_TYPE, b"[" * 20_000, signer).to_json()
    return b"no envelope"


@pytest.mark.parametrize(
    "kind",
    [
        "another predicate type", "another payload type", "another subject", "another subject of a user",
        "a role that says it is a user", "no grant", "no statement", "no envelope",
    ],
)  # fmt: skip
def test_an_access_entry_that_is_no_change_is_refused(kind, book, ledger, signer):
    ledger.append([("access", forged(kind, signer, ledger.origin))])
    with pytest.raises(VerificationError):
        book.refresh()


def signed(change, signer):
    predicate = msgspec.to_builtins(change)
    if isinstance(change, User):
        subject = Digest.of(change.to_json())
        return attest_statement("urn:secmlops:user:v1", {"user": subject}, predicate, signer)
    return attest_statement(GRANT_TYPE, {"api key": Digest(change.mac)}, predicate, signer)


@pytest.mark.parametrize("ledger_name", ["", name_of("another")])
def test_a_change_for_another_ledger_or_for_none_is_refused(ledger_name, book, ledger, signer):
    ledger.append([("access", signed(msgspec.structs.replace(USER, ledger=ledger_name), signer))])
    with pytest.raises(VerificationError, match="another ledger"):
        book.refresh()


def test_a_grant_for_another_ledger_is_refused(book, ledger, signer):
    ledger.append([("access", signed(msgspec.structs.replace(made()[1], ledger=name_of("another")), signer))])
    with pytest.raises(VerificationError, match="another ledger"):
        book.refresh()


def test_a_grant_of_the_first_version_which_names_no_ledger_still_counts(book, ledger, signer):
    key, grant = made()
    told = {
        name: value for name, value in msgspec.to_builtins(grant).items() if name not in ("ledger", "models", "limits")
    }
    ledger.append([("access", attest_statement(GRANT_TYPE, subject_of(told), told, signer))])
    book.refresh()
    assert book.authenticate(key, T0).name == "somebody"


def test_a_change_in_another_kind_of_entry_is_not_looked_at(book, ledger, signer):
    key, grant = made()
    ledger.append([("note", signed(msgspec.structs.replace(grant, ledger=name_of(ledger.origin)), signer))])
    book.refresh()
    assert book.authenticate(key, T0) is None
