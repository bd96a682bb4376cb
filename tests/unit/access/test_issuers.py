"""Trust in an issuer: checked before it is on record."""

from datetime import UTC, datetime

import msgspec
import pytest

from kits.token_issuer import jwk, jwks, rsa_key
from secmlops.access.changes import ClaimRule, Issuer
from secmlops.access.issuers import MAX_JWKS_BYTES, checked_issuer, read_rule
from secmlops.core.errors import InputError, VerificationError

T0 = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def issuer():
    return Issuer(
        issuer="https://id.example/realms/bank",
        audience="secmlops",
        algorithms=("RS256",),
        jwks=jwks(jwk(rsa_key())),
        rules=(ClaimRule("groups", "tellers", "caller"),),
        version=1,
        at=T0,
    )


def test_trust_that_can_be_given_is_given_back(issuer):
    assert checked_issuer(issuer) is issuer
    checked_issuer(msgspec.structs.replace(issuer, jwks=None, jwks_url="https://id.example/keys"))
    checked_issuer(msgspec.structs.replace(issuer, rules=(), user_claim="email"))


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "id.example"}, {"issuer": "http://id.example"}, {"audience": ""}, {"audience": "a" * 201},
        {"algorithms": ()}, {"algorithms": ("none",)}, {"algorithms": ("RS256", "HS256")}, {"algorithms": ("ES256K",)},
        {"rules": ()}, {"jwks": None}, {"jwks_url": "https://id.example/keys"}, {"jwks": '{"keys": []}'},
        {"jwks": None, "jwks_url": "http://id.example/keys"}, {"jwks": " " * (MAX_JWKS_BYTES + 1)},
        {"algorithms": ("ES256",)},
    ],
)  # fmt: skip
def test_trust_that_could_not_be_given_is_refused(issuer, changes):
    with pytest.raises(InputError) as told:
        checked_issuer(msgspec.structs.replace(issuer, **changes))
    assert told.value.hint


@pytest.mark.parametrize("text", ["", "no set", "[]", '{"keys": 1}', '{"keys": [], "keys": []}'])
def test_a_set_of_keys_that_is_none_is_refused(issuer, text):
    with pytest.raises(VerificationError):
        checked_issuer(msgspec.structs.replace(issuer, jwks=text))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("groups=tellers:caller", ("groups", "tellers", "caller")),
        ("https://x.y/roles=a=b:c:viewer", ("https://x.y/roles", "a=b:c", "viewer")),
        ("realm_access.roles=ml engineers:engineer", ("realm_access.roles", "ml engineers", "engineer")),
    ],
)
def test_a_rule_is_parted_at_the_first_equals_and_the_last_colon(text, rule):
    assert read_rule(text) == ClaimRule(*rule)


@pytest.mark.parametrize("text", ["", "groups", "groups=tellers", "=a:b", "a=:b", "a=b:", "a:b", "a" * 700 + "=b:c"])
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(InputError, match="no rule"):
        read_rule(text)
