"""Tokens: one that is what it claims counts, for as long as it does; and who waits for an issuer is never a request."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from kits.token_issuer import (
    AUDIENCE,
    ISSUER,
    claims_at,
    ec_key,
    ed_key,
    jwk,
    jwks,
    key_server,
    rsa_key,
    token_of,
)
from secmlops.access import key_source, tokens
from secmlops.access.administration import Administration
from secmlops.access.book import AccessBook
from secmlops.access.changes import ClaimRule, Issuer
from secmlops.access.entries import append_changes
from secmlops.access.permissions import Action, Permission
from secmlops.access.tokens import TokenVerifier

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
T = NOW.timestamp()
HEADER = {"alg": "RS256", "kid": "k1", "typ": "JWT"}
TELLERS = ClaimRule("groups", "tellers", "caller")
KINDS = [(rsa_key, "RS256"), (rsa_key, "PS256"), (ec_key, "ES256"), (ed_key, "EdDSA")]
ALL = ("RS256", "PS256", "ES256", "EdDSA")


class World:
    """A book with trust in one issuer, and the verifier of its tokens."""

    def __init__(self, ledger, ring, signer) -> None:
        self.book = AccessBook(ledger, ring, b"k" * 32)
        self.rights = Administration(self.book, b"k" * 32, lambda: NOW, lambda c: append_changes(ledger, [c], signer))
        self.verifier = TokenVerifier(self.book)

    def trust(self, **changes):
        given = {
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "algorithms": ALL,
            "rules": (ClaimRule("groups", "tellers", "caller"),),
        }
        if "jwks_url" not in changes:
            given["jwks"] = jwks(jwk(rsa_key()))
        self.rights.trust(Issuer(version=1, at=NOW, **{**given, **changes}))

    def verify(self, token, now=NOW):
        return self.verifier.verify(token, now)


@pytest.fixture
def world(ledger, ring, signer):
    return World(ledger, ring, signer)


def token(**changes):
    return token_of(HEADER, claims_at(T, **changes), rsa_key())


def test_a_token_of_a_trusted_issuer_is_an_identity_that_tells_nothing_of_the_person(world):
    world.trust()
    found = world.verify(token())
    assert found.roles == {"caller"}
    assert found.may(Action.PREDICT, "model:x")
    assert not found.may(Action.ACCESS_MANAGE, "access")
    kind, issuer, subject = found.id.split(":")
    assert (kind, len(issuer), len(subject)) == ("token", 12, 12)
    assert found.name == found.id
    assert "ada" not in repr(found)
    assert world.verify(token(sub="bob")).id.split(":")[:2] == ["token", issuer]
    assert world.verify(token(sub="bob")).id != found.id


@pytest.mark.parametrize(
    ("key", "algorithm"), [(rsa_key, "RS256"), (rsa_key, "PS256"), (ec_key, "ES256"), (ed_key, "EdDSA")]
)
def test_every_algorithm_that_is_pinned_is_taken_and_no_other(world, key, algorithm):
    given = token_of({"alg": algorithm, "kid": "k1"}, claims_at(T), key(), algorithm)
    world.trust(jwks=jwks(jwk(key())), algorithms=(algorithm,))
    assert world.verify(given)
    world.trust(jwks=jwks(jwk(key())), algorithms=tuple(a for a in ALL if a != algorithm))
    assert world.verify(given) is None


@pytest.mark.parametrize("aud", [AUDIENCE, ["other", AUDIENCE]])
@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "application/at+jwt", None])
def test_forms_that_issuers_use_are_taken(world, aud, typ):
    world.trust()
    header = {"alg": "RS256", "kid": "k1"} | ({"typ": typ} if typ else {})
    assert world.verify(token_of(header, claims_at(T, aud=aud, iat=None), rsa_key()))


def test_a_token_counts_until_its_end_remembered_or_not(world):
    world.trust()
    given = token(exp=T + 10)
    before, after = NOW + timedelta(seconds=9), NOW + timedelta(seconds=10)
    assert world.verify(given, before)
    assert world.verify(given, before)
    assert world.verify(given, after) is None
    assert world.verify(token(exp=T + 10, n=1), after) is None


def test_a_token_may_have_begun_a_little_later_than_our_clock_says(world):
    world.trust()
    assert world.verify(token(nbf=T + 29, iat=T + 29))
    assert world.verify(token(nbf=T + 31)) is None
    assert world.verify(token(iat=T + 31)) is None


@pytest.mark.parametrize(
    ("claim", "claims", "counts"),
    [
        ("groups", {"groups": ["x", "tellers"]}, True), ("groups", {"groups": "tellers"}, True),
        ("groups", {"groups": "tellers2"}, False), ("groups", {"groups": {"tellers": True}}, False),
        ("groups", {"groups": [["tellers"]]}, False), ("groups", {"groups": None}, False),
        ("scope", {"scope": "openid tellers"}, True), ("groups", {"groups": "a tellers"}, False),
        ("realm.roles", {"realm": {"roles": ["tellers"]}}, True), ("realm.roles", {"realm": ["roles"]}, False),
        ("https://x.y/z", {"https://x.y/z": ["tellers"]}, True), ("realm.roles", {"realm.roles": "tellers"}, True),
    ],
)  # fmt: skip
def test_roles_come_from_the_claim_that_the_trust_names(world, claim, claims, counts):
    world.trust(rules=(ClaimRule(claim, "tellers", "caller"),))
    assert bool(world.verify(token(**{"groups": None, **claims}))) is counts


def test_a_claim_may_name_a_user_who_has_their_own_roles(world):
    world.trust(user_claim="email", rules=(ClaimRule("groups", "tellers", "viewer"),))
    given = token(email="ada")
    assert world.verify(given) is None
    world.rights.set_user("ada", ["auditor"])
    found = world.verify(given)
    assert (found.name, found.roles) == ("ada", {"auditor", "viewer"})
    assert world.verify(token(email=["x"])) is None
    assert world.verify(token()) is None
    world.rights.remove_user("ada")
    assert world.verify(given) is None


def test_a_change_of_rights_is_known_at_once_also_for_what_is_remembered(world):
    world.rights.set_role("own", [Permission("predict", "model:x")])
    world.trust(rules=(ClaimRule("groups", "tellers", "own"),))
    given = token()
    assert world.verify(given).may("predict", "model:x")
    world.rights.set_role("own", [Permission("read", "model:x")])
    assert not world.verify(given).may("predict", "model:x")
    world.rights.distrust(ISSUER)
    assert world.verify(given) is None


def test_a_token_is_verified_once_and_then_remembered(world, monkeypatch):
    world.trust()
    given, verified = token(), []
    real = world.verifier._signatures.decode_complete
    monkeypatch.setattr(
        world.verifier._signatures, "decode_complete", lambda *a, **k: verified.append(1) or real(*a, **k)
    )
    assert world.verify(given) is world.verify(given)
    assert verified == [1]


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first(world, monkeypatch):
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    world.trust()
    given = [token(n=n) for n in range(5)]
    for one in given:
        assert world.verify(one)
    assert len(world.verifier._known) == 3
    assert world.verify(given[0])


def wait_until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def test_keys_are_fetched_when_trust_begins_before_any_token_comes(world):
    with key_server() as server:
        server.document = jwks(jwk(rsa_key())).encode()
        world.trust(jwks_url=server.url)
        world.verifier.refresh()
        wait_until(lambda: server.asked == 1)
        wait_until(lambda: world.verify(token()))
        assert server.asked == 1


def test_a_new_key_of_the_issuer_is_found_and_an_old_one_forgotten(world, monkeypatch):
    monkeypatch.setattr(key_source, "AGAIN_SECONDS", 0.05)
    with key_server() as server:
        server.document = jwks(jwk(rsa_key())).encode()
        world.trust(jwks_url=server.url)
        old = token()
        new = token_of({"alg": "RS256", "kid": "k2"}, claims_at(T), rsa_key("two"))
        wait_until(lambda: world.verify(old))
        server.document = jwks(jwk(rsa_key("two"), "k2")).encode()
        wait_until(lambda: world.verify(new))
        assert world.verify(old) is None  # though it was remembered


def test_unknown_key_ids_cause_one_fetch_however_many_come(world):
    with key_server() as server:
        server.document = jwks(jwk(rsa_key())).encode()
        world.trust(jwks_url=server.url)
        wait_until(lambda: world.verify(token()))
        for n in range(50):
            assert world.verify(token_of({"alg": "RS256", "kid": f"no{n}"}, claims_at(T), rsa_key())) is None
        time.sleep(0.1)
        assert server.asked == 1


def test_trust_in_one_issuer_does_not_fetch_the_keys_of_another_again(world):
    with key_server() as server:
        server.document = jwks(jwk(rsa_key())).encode()
        world.trust(jwks_url=server.url)
        wait_until(lambda: world.verify(token()))
        world.rights.set_user("ada", ["viewer"])
        assert world.verify(token())
        assert server.asked == 1


def test_a_trust_on_record_with_keys_that_are_none_counts_for_nothing(world, caplog):
    world.trust(jwks="no keys")
    assert world.verify(token()) is None
    assert "no token of an issuer counts" in caplog.text
