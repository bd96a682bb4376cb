"""Sets of keys: each key for what it is for, and no secret."""

import json

import pytest

from kits.token_issuer import ec_key, ed_key, jwk, jwks, rsa_key
from secmlops.access.jwks import ALGORITHMS, MAX_KEYS, KeySet
from secmlops.core.errors import VerificationError

EVERY = tuple(ALGORITHMS)


def keys(*given, algorithms=EVERY):
    return KeySet(jwks(*given).encode(), algorithms)


@pytest.mark.parametrize(
    ("key", "fits"),
    [(rsa_key, {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}), (ec_key, {"ES256"}), (ed_key, {"EdDSA"})],
)
def test_a_key_is_found_for_the_algorithms_that_it_suits(key, fits):
    found = keys(jwk(key()))
    assert {name for name in EVERY if found.find("k1", name)} == fits
    assert keys(jwk(key()), algorithms=()).find("k1", next(iter(fits))) is None


def test_a_key_that_names_its_algorithm_is_for_that_one_only():
    assert len(keys(jwk(rsa_key(), alg="RS256"))) == 1


def test_keys_that_sign_no_tokens_are_left_out_and_do_no_harm():
    others = [
        {"kty": "oct", "k": "AAAA", "kid": "k1"}, jwk(rsa_key(), "enc", use="enc"), jwk(rsa_key(), 5),
        {"kty": "new", "kid": "n"},
        {"kid": "empty"}, {}, {"kty": ["RSA"], "kid": "list"}, {"kty": "EC", "crv": "P-256", "kid": "half", "x": "AA"},
        {**jwk(ec_key(), "off the curve"), "x": "A" * 43}, {**jwk(rsa_key(), "text"), "n": "!!"},
        jwk(rsa_key("weak", 1024), "w"),
        {**jwk(ed_key(), "448"), "crv": "Ed448"}, {**jwk(ec_key(), "k1 curve"), "crv": "secp256k1"},
        {name: value for name, value in jwk(rsa_key()).items() if name != "kid"},
    ]  # fmt: skip
    found = keys(*others, jwk(ed_key(), "good"))
    assert len(found) == 1
    assert found.find("good", "EdDSA")


@pytest.mark.parametrize("secret", ["d", "p", "q", "dp", "dq", "qi", "oth"])
def test_a_secret_in_the_set_is_told(secret):
    with pytest.raises(VerificationError, match="private key"):
        keys({**jwk(rsa_key()), secret: "AQAB"})


def test_two_usable_keys_of_one_id_are_refused():
    with pytest.raises(VerificationError, match="same id"):
        keys(jwk(rsa_key()), jwk(ec_key()))
    assert keys(jwk(rsa_key()), jwk(ec_key(), use="enc"))


@pytest.mark.parametrize(
    "data", [b"{}", b'{"keys": {}}', b'{"keys": [1]}', b"[]", json.dumps({"keys": [{}] * (MAX_KEYS + 1)}).encode()]
)
def test_what_is_no_set_is_refused(data):
    with pytest.raises(VerificationError):
        KeySet(data, EVERY)
