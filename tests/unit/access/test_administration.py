"""Administration: what can be done is in the book at once, what cannot is told in words and leaves nothing."""

from datetime import UTC, datetime

import pytest

from secmlops.access.administration import Administration
from secmlops.access.book import AccessBook
from secmlops.access.changes import Certificate, Issuer
from secmlops.access.entries import append_changes
from secmlops.access.keys import Narrowing
from secmlops.access.permissions import Permission
from secmlops.core.errors import InputError

T0 = datetime(2026, 3, 1, tzinfo=UTC)
MAC_KEY = b"k" * 32
PREDICT = Narrowing(scopes=("predict",))
PRINT = "ab" * 32


@pytest.fixture
def book(ledger, ring):
    return AccessBook(ledger, ring, MAC_KEY)


@pytest.fixture
def administration(book, ledger, signer):
    return Administration(book, MAC_KEY, lambda: T0, lambda change: append_changes(ledger, [change], signer))


def issuer(**changes):
    given = {"issuer": "https://id.example", "audience": "a", "algorithms": ("RS256",), "jwks": "{}", **changes}
    return Issuer(version=1, at=T0, **given)


def certificate(name="ada"):
    return Certificate(fingerprint=PRINT, name=name, pem="pem", expires=T0.replace(year=2027), version=1, at=T0)


def test_a_users_life(administration, book):
    administration.set_user("ada", ["viewer", "viewer"])
    key, _ = administration.grant("ada", PREDICT)
    assert not book.directory.authenticate(key, T0)  # the book is read again when somebody asks it to
    book.refresh()
    assert not book.authenticate(key, T0).may("predict", "model:x")
    administration.set_user("ada", ["caller"])
    assert book.authenticate(key, T0).may("predict", "model:x")
    administration.remove_user("ada")
    assert book.authenticate(key, T0) is None
    administration.set_user("ada", ["caller"])
    assert book.authenticate(key, T0) is None


def test_a_role_of_ones_own(administration, book):
    administration.set_role("scorer", [Permission.read("predict model:credit-*")] * 2)
    administration.set_user("ada", ["scorer"])
    key, _ = administration.grant("ada", PREDICT)
    book.refresh()
    assert book.authenticate(key, T0).may("predict", "model:credit-risk")
    administration.remove_role("scorer")
    assert not book.authenticate(key, T0).may("predict", "model:credit-risk")


def test_an_issuer_and_a_certificate(administration, book):
    administration.set_user("ada", ["caller"])
    administration.trust(issuer())
    administration.trust(issuer(audience="b"))
    assert book.directory.issuers["https://id.example"].audience == "b"
    administration.distrust("https://id.example")
    assert book.directory.issuers == {}
    administration.map_certificate(certificate())
    assert book.certificate(PRINT, T0).name == "ada"
    administration.withdraw_certificate(PRINT)
    assert book.certificate(PRINT, T0) is None


def test_a_key_for_anyone_makes_a_caller_and_leaves_a_user_what_they_are(administration, book):
    administration.set_user("ada", ["auditor"])
    keys = [administration.grant_anyone(name, PREDICT)[0] for name in ("ada", "bob")]
    book.refresh()
    assert [book.authenticate(key, T0).roles for key in keys] == [{"auditor"}, {"caller"}]
    administration.set_user("bob", ["viewer"])
    assert book.authenticate(keys[1], T0).roles == {"viewer"}


def test_a_key_that_is_withdrawn_counts_no_more(administration, book):
    administration.set_user("ada", ["caller"])
    key, grant = administration.grant("ada", PREDICT)
    assert administration.state().grants[grant.key].name == "ada"
    assert book.authenticate(key, administration.now())
    withdrawn = administration.withdraw(grant.key)
    assert (withdrawn.withdrawn, withdrawn.mac) == (True, grant.mac)
    book.refresh()
    assert book.authenticate(key, T0) is None


@pytest.mark.parametrize(
    "impossible",
    [
        lambda a: a.set_user("ada", ["nothing"]),
        lambda a: a.set_user("a\nb", ["viewer"]),
        lambda a: a.remove_user("ada"),
        lambda a: a.set_role("viewer", [Permission("*", "*")]),
        lambda a: a.set_role("<b>", [Permission("*", "*")]),
        lambda a: a.set_role("own", []),
        lambda a: a.remove_role("viewer"),
        lambda a: a.remove_role("own"),
        lambda a: a.grant("ada", PREDICT),
        lambda a: a.grant_anyone("gone", PREDICT),
        lambda a: a.grant("gone", PREDICT),
        lambda a: a.remove_user("gone"),
        lambda a: a.withdraw("0" * 12),
        lambda a: a.distrust("https://id.example"),
        lambda a: a.map_certificate(certificate()),
        lambda a: a.map_certificate(certificate("gone")),
        lambda a: a.withdraw_certificate(PRINT),
    ],
)
def test_what_cannot_be_done_is_told_and_leaves_nothing(impossible, administration, ledger):
    administration.set_user("gone", ["viewer"])
    administration.remove_user("gone")
    before = ledger.size
    with pytest.raises(InputError) as told:
        impossible(administration)
    assert told.value.hint
    assert ledger.size == before


def test_of_two_who_change_the_same_at_once_the_second_is_told(book, ledger, signer):
    def append(change):
        append_changes(ledger, [change], signer)

    def append_late(change):
        Administration(other, MAC_KEY, lambda: T0, append).set_user("ada", ["admin"])
        append(change)

    other = book
    with pytest.raises(InputError, match="at the same time"):
        Administration(book, MAC_KEY, lambda: T0, append_late).set_user("ada", ["viewer"])
    assert book.state.users["ada"].roles == ("admin",)
