"""What two changes have in common: never more than either gives."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from secmlops.access.changes import Certificate, ClaimRule, Issuer, Role, User
from secmlops.access.keys import Narrowing, new_key
from secmlops.access.narrowing import common_certificate, common_issuer, common_role, common_user, ends
from secmlops.access.permissions import Permission

T0 = datetime(2026, 3, 1, tzinfo=UTC)
READ, PREDICT = Permission("read", "*"), Permission("predict", "model:a")
RULE = ClaimRule("groups", "x", "viewer")
USER = User(name="ada", roles=("caller", "viewer"), version=1, at=T0)
ROLE = Role(name="own", permissions=(READ, PREDICT), version=1, at=T0)
ISSUER = Issuer(
    issuer="https://id.example", audience="a", algorithms=("RS256", "ES256"), version=1, at=T0, rules=(RULE,)
)
CERTIFICATE = Certificate(fingerprint="0" * 64, name="ada", pem="pem", expires=T0, version=1, at=T0)
EACH = [(common_user, USER), (common_role, ROLE), (common_issuer, ISSUER), (common_certificate, CERTIFICATE)]


def later(change, **given):
    return msgspec.structs.replace(change, version=2, at=T0 + timedelta(days=1), ledger="x", **given)


def test_an_end_is_what_takes_away_and_gives_nothing():
    _, grant = new_key(b"k" * 32, "ada", Narrowing(scopes=("read",)), T0)
    assert not ends(grant)
    assert ends(msgspec.structs.replace(grant, withdrawn=True))
    for _, change in EACH:
        assert not ends(change)
        assert ends(msgspec.structs.replace(change, removed=True))


@pytest.mark.parametrize(("common", "change"), EACH)
def test_the_same_said_twice_leaves_the_first(common, change):
    assert common(change, later(change)) == change


@pytest.mark.parametrize(("common", "change"), EACH)
def test_what_either_removes_is_removed(common, change):
    assert common(change, later(change, removed=True)).removed
    assert common(msgspec.structs.replace(change, removed=True), later(change)).removed


def test_roles_and_permissions_are_those_of_both():
    assert common_user(USER, later(USER, roles=("admin", "caller"))).roles == ("caller",)
    assert common_role(ROLE, later(ROLE, permissions=(READ, Permission("*", "*")))).permissions == (READ,)


def test_an_issuer_keeps_the_algorithms_and_rules_of_both():
    said = later(ISSUER, algorithms=("ES256", "PS256"), rules=(RULE, ClaimRule("groups", "y", "admin")))
    found = common_issuer(ISSUER, said)
    assert (found.algorithms, found.rules, found.removed) == (("ES256",), (RULE,), False)
    assert common_issuer(ISSUER, later(ISSUER, algorithms=("PS256",))).removed


@pytest.mark.parametrize("given", [{"audience": "b"}, {"jwks": "{}"}, {"jwks_url": "https://x"}, {"user_claim": "sub"}])
def test_an_issuer_that_differs_in_anything_else_is_trusted_no_more(given):
    assert common_issuer(ISSUER, later(ISSUER, **given)).removed


@pytest.mark.parametrize("given", [{"name": "eve"}, {"pem": "other"}, {"expires": T0 + timedelta(days=9)}])
def test_a_certificate_that_differs_stands_for_nobody(given):
    assert common_certificate(CERTIFICATE, later(CERTIFICATE, **given)).removed
