"""Rights in the ledger: signed by the gateway's key, read in order, all or nothing."""

from datetime import UTC, datetime

import msgspec
import pytest

from secmlops.access.book import GRANT_TYPE, AccessBook, append_grant
from secmlops.access.keys import Scope, new_key
from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.statement import PAYLOAD_TYPE, attest_statement, statement

T0 = datetime(2026, 3, 1, tzinfo=UTC)
MAC_KEY = b"k" * 32


def made(name="somebody"):
    return new_key(MAC_KEY, name, [Scope.PREDICT], T0, None)


@pytest.fixture
def book(ledger, ring):
    return AccessBook(ledger, ring, MAC_KEY)


def test_a_grant_counts_once_the_book_is_read_again(book, ledger, signer):
    key, grant = made()
    append_grant(ledger, grant, signer)
    assert book.authenticate(key, T0) is None
    book.refresh()
    assert book.authenticate(key, T0).name == "somebody"


def test_a_withdrawal_ends_it(book, ledger, signer):
    key, grant = made()
    append_grant(ledger, grant, signer)
    append_grant(ledger, msgspec.structs.replace(grant, withdrawn=True), signer)
    book.refresh()
    assert book.authenticate(key, T0) is None
    assert book.grants[grant.key].withdrawn


def test_a_new_book_reads_the_whole_ledger(ledger, ring, signer):
    keys = []
    for _ in range(3):
        key, grant = made()
        append_grant(ledger, grant, signer)
        ledger.append([("prediction", b"between")])
        keys.append(key)
    book = AccessBook(ledger, ring, MAC_KEY)
    assert all(book.authenticate(key, T0) for key in keys)


def test_a_grant_by_a_key_that_is_not_the_gateways_is_refused_for_ever(book, ledger, signer):
    key, grant = made()
    append_grant(ledger, grant, PrivateKey.generate(Algorithm.ED25519))
    good_key, good = made()
    append_grant(ledger, good, signer)
    for _ in range(2):
        with pytest.raises(VerificationError):
            book.refresh()
    assert book.authenticate(key, T0) is None
    assert book.authenticate(good_key, T0) is None  # all that is new, or nothing


def grant_json():
    return msgspec.to_builtins(made()[1])


def subject_of(grant):
    return {"api key": Digest(grant["mac"])}


def forged(kind, signer):
    grant = grant_json()
    subjects = subject_of(grant)
    if kind == "another predicate type":
        return attest_statement("urn:secmlops:evidence:v1", subjects, grant, signer)
    if kind == "another payload type":
        return dsse.sign("text/plain", statement(GRANT_TYPE, subjects, grant), signer).to_json()
    if kind == "another subject":
        return attest_statement(GRANT_TYPE, {"api key": Digest.of(b"other")}, grant, signer)
    if kind == "no grant":
        return attest_statement(GRANT_TYPE, subjects, {"key": 1}, signer)
    if kind == "no statement":
        return dsse.sign(PAYLOAD_TYPE, b"[" * 20_000, signer).to_json()
    return b"no envelope"


@pytest.mark.parametrize(
    "kind",
    ["another predicate type", "another payload type", "another subject", "no grant", "no statement", "no envelope"],
)
def test_an_access_entry_that_is_no_grant_is_refused(kind, book, ledger, signer):
    ledger.append([("access", forged(kind, signer))])
    with pytest.raises(VerificationError):
        book.refresh()


def test_a_grant_of_another_kind_of_entry_is_not_looked_at(book, ledger, signer):
    key, grant = made()
    ledger.append(
        [("note", attest_statement(GRANT_TYPE, subject_of(msgspec.to_builtins(grant)), grant_json(), signer))]
    )
    book.refresh()
    assert book.authenticate(key, T0) is None
