"""Claims: what a token says, read before anything is believed. Attacks on the form are in tests/attacks."""

from datetime import UTC, datetime, timedelta

import pytest

from kits.token_issuer import AUDIENCE, ISSUER, claims_at, rsa_key, token_of
from secmlops.access.changes import ClaimRule, Issuer
from secmlops.access.claims import LEEWAY, check_claims, read_token, roles_by_rule, values_of
from secmlops.core.errors import VerificationError

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
T = NOW.timestamp()
TRUST = Issuer(issuer=ISSUER, audience=AUDIENCE, algorithms=("RS256",), version=1, at=NOW)


def test_a_token_is_read_whoever_signed_it():
    token = read_token(token_of({"alg": "RS256", "kid": "k1"}, claims_at(T), rsa_key()))
    assert (token.algorithm, token.kid, token.issuer) == ("RS256", "k1", ISSUER)
    assert token.claims == claims_at(T)


def test_subject_and_end_are_given():
    assert check_claims(claims_at(T, exp=T + 0.5), TRUST, NOW) == ("ada@example", NOW + timedelta(seconds=0.5))


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_the_issuers_clock_may_be_a_little_ahead(claim):
    ahead = T + LEEWAY.total_seconds()
    assert check_claims(claims_at(T, **{claim: ahead}), TRUST, NOW)
    with pytest.raises(VerificationError, match="not begun"):
        check_claims(claims_at(T, **{claim: ahead + 1}), TRUST, NOW)


@pytest.mark.parametrize(
    ("exp", "what"), [(None, "no end"), (T, "over"), ("x", "none"), (True, "none"), (1e300, "none")]
)
def test_why_an_end_does_not_count_is_told(exp, what):
    with pytest.raises(VerificationError, match=what):
        check_claims(claims_at(T, exp=exp), TRUST, NOW)


@pytest.mark.parametrize(
    ("claims", "name", "values"),
    [
        ({"a": "x"}, "a", ("x",)), ({"a": ["x", 1, "y", None]}, "a", ("x", "y")), ({"a": {"b": "x"}}, "a.b", ("x",)),
        ({"a.b": "whole", "a": {"b": "inner"}}, "a.b", ("whole",)), ({"scope": "x y"}, "scope", ("x", "y")),
        ({"a": "x y"}, "a", ("x y",)), ({"a": 1}, "a", ()), ({}, "a", ()), ({"a": "x"}, "a.b", ()),
        ({"a": None}, "a", ()),
    ],
)  # fmt: skip
def test_the_values_of_a_claim(claims, name, values):
    assert values_of(claims, name) == values


def test_rules_give_the_roles_of_all_that_fit():
    rules = (ClaimRule("g", "a", "viewer"), ClaimRule("g", "b", "caller"), ClaimRule("h", "a", "admin"))
    assert roles_by_rule({"g": ["a", "b"]}, rules) == ("viewer", "caller")
