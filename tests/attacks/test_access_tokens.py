"""Attacks with tokens: whoever does not hold a trusted issuer's private key is nobody, whatever they write."""

import base64
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kits.token_issuer import (
    AUDIENCE,
    ISSUER,
    base64url,
    claims_at,
    ec_key,
    jwk,
    jwks,
    key_server,
    rsa_key,
    signed,
    token_of,
)
from secmlops.access.administration import Administration
from secmlops.access.book import AccessBook
from secmlops.access.changes import ClaimRule, Issuer
from secmlops.access.claims import MAX_CHARACTERS
from secmlops.access.entries import append_changes
from secmlops.access.tokens import TokenVerifier
from secmlops.core.errors import VerificationError
from secmlops.ledger.log import Ledger
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
T = NOW.timestamp()
HEADER = {"alg": "RS256", "kid": "k1"}
EVIL = rsa_key("evil")


class World:
    def __init__(self, folder):
        self.keys = {role: PrivateKey.generate(Algorithm.ED25519) for role in (Role.LOG, Role.GATEWAY)}
        self.ring = KeyRing()
        for role, key in self.keys.items():
            self.ring = self.ring.with_key(key.public, role, NOW - timedelta(days=1))
        self.path = folder / "ledger.db"
        self.ledger = Ledger.open(self.path, self.keys[Role.LOG], "secmlops.test/tokens")
        self.book = AccessBook(self.ledger, self.ring, b"k" * 32)
        self.rights = Administration(self.book, b"k" * 32, lambda: NOW, self.append)
        self.verifier = TokenVerifier(self.book)
        self.trust(jwks=jwks(jwk(rsa_key())))

    def append(self, change):
        append_changes(self.ledger, [change], self.keys[Role.GATEWAY])

    def trust(self, issuer=ISSUER, algorithms=("RS256", "ES256"), **keys):
        rules = (ClaimRule("groups", "tellers", "caller"), ClaimRule("groups", "admins", "admin"))
        given = {"audience": AUDIENCE, "algorithms": algorithms, "rules": rules}
        self.rights.trust(Issuer(issuer=issuer, version=1, at=NOW, **given, **keys))

    def verify(self, token):
        return self.verifier.verify(token, NOW)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.ledger.close()


def good(header=HEADER, **claims):
    return token_of(header, claims_at(T, **claims), rsa_key())


def unsigned(header, claims=None):
    parts = [json.dumps(part).encode() for part in (header, claims or claims_at(T))]
    return ".".join(map(base64url, parts)) + "."


def pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def der(key):
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_the_token_that_the_others_are_made_from_counts(world):
    assert world.verify(good()).roles == {"caller"}


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, 0, ["RS256"], "RS256 ", "rs256"])
@pytest.mark.parametrize("signature", ["", "AA", "unsigned"])
def test_alg_none_in_any_spelling_is_refused(world, alg, signature):
    made = unsigned({**HEADER, "alg": alg})
    assert world.verify(made + (signature if signature != "unsigned" else good().rpartition(".")[2])) is None


@pytest.mark.parametrize(
    "secret", [pem(rsa_key()), pem(rsa_key()).strip(), der(rsa_key()), jwks(jwk(rsa_key())).encode(), b""]
)
@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512", "RS256"])
def test_a_mac_under_the_public_key_is_no_signature(world, secret, alg):
    made = token_of({**HEADER, "alg": alg}, claims_at(T), secret, "HS256")
    assert world.verify(made) is None


def test_hs256_is_refused_even_where_the_record_of_trust_names_it_and_the_set_has_a_secret(world):
    secret = b"s" * 32
    oct_key = {"kty": "oct", "k": base64url(secret), "kid": "k1", "alg": "HS256"}
    world.trust(jwks=jwks(oct_key), algorithms=("HS256", "none", "RS256"))
    assert world.verify(token_of({"alg": "HS256", "kid": "k1"}, claims_at(T), secret, "HS256")) is None
    assert world.verify(unsigned({"alg": "none", "kid": "k1"})) is None


def test_a_key_is_not_used_for_another_algorithm_than_it_is_for(world):
    world.trust(jwks=jwks(jwk(rsa_key(), alg="PS256")), algorithms=("RS256", "PS256"))
    assert world.verify(good()) is None
    assert world.verify(token_of({**HEADER, "alg": "PS256"}, claims_at(T), rsa_key(), "PS256"))


@pytest.mark.parametrize("more", [{"use": "enc"}, {"key_ops": ["sign"]}, {"key_ops": "verify"}, {"alg": "RSA-OAEP"}])
def test_a_key_that_is_for_something_else_verifies_nothing(world, more):
    world.trust(jwks=jwks(jwk(rsa_key(), **more)))
    assert world.verify(good()) is None


def test_a_key_that_is_too_weak_verifies_nothing(world):
    world.trust(jwks=jwks(jwk(rsa_key("weak", 1024))))
    assert world.verify(token_of(HEADER, claims_at(T), rsa_key("weak", 1024))) is None


@pytest.mark.parametrize(
    "more",
    [
        {"jwk": jwk(EVIL, "k1")}, {"jwk": jwk(EVIL, "evil"), "kid": "evil"},
        {"x5c": [base64.b64encode(der(EVIL)).decode()]}, {"x5u": "http://127.0.0.1:1/"}, {"x5t": "AAAA"},
        {"jku": "http://127.0.0.1:1/", "kid": "evil"},
    ],
)  # fmt: skip
def test_a_key_that_the_token_brings_with_it_is_never_used(world, more):
    assert world.verify(token_of({**HEADER, **more}, claims_at(T), EVIL)) is None


def test_a_key_that_the_token_says_where_to_fetch_is_never_fetched(world):
    with key_server() as server:
        server.document = jwks(jwk(EVIL)).encode()
        for name in ("jku", "x5u"):
            assert world.verify(token_of({**HEADER, name: server.url}, claims_at(T), EVIL)) is None
            assert world.verify(token_of({**HEADER, name: server.url, "kid": "new"}, claims_at(T), EVIL)) is None
        assert server.asked == 0


def test_headers_of_that_kind_do_no_harm_to_a_good_token_either(world):
    assert world.verify(good({**HEADER, "jwk": jwk(EVIL), "jku": "http://127.0.0.1:1/"}))


@pytest.mark.parametrize(
    "kid",
    [
        "../../../../dev/null", "/etc/passwd", "k1'; DROP TABLE keys;--", "x' UNION SELECT 'key", "k1\0", "K1", " k1",
        "http://127.0.0.1:1/k1", "file:///dev/null", "|id", "$(id)", "", "k1 ", "\u212a1", "k" * 4000, None, 1, True,
        ["k1"], {"k1": 1},
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", [rsa_key(), EVIL], ids=["the issuer's key", "another key"])
def test_a_key_id_is_only_ever_compared(world, kid, key):
    assert world.verify(token_of({"alg": "RS256", "kid": kid}, claims_at(T), key)) is None


def test_a_token_without_a_key_id_is_refused(world):
    assert world.verify(token_of({"alg": "RS256"}, claims_at(T), rsa_key())) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "other"}, {"aud": ["other"]}, {"aud": None}, {"aud": []}, {"aud": AUDIENCE + " other"},
        {"aud": {AUDIENCE: 1}}, {"aud": AUDIENCE.upper()}, {"aud": [[AUDIENCE]]}, {"aud": 1},
        {"iss": None}, {"iss": ISSUER + "/"}, {"iss": ISSUER.upper()}, {"iss": [ISSUER]}, {"iss": "https://evil.example"},
        {"iss": ISSUER + ".evil.example"}, {"iss": ""},
        {"exp": None}, {"exp": T}, {"exp": T - 1}, {"exp": -1}, {"exp": str(T + 60)}, {"exp": True}, {"exp": [T + 60]},
        {"exp": 1e300}, {"exp": 10**400}, {"exp": {"a": 1}},
        {"nbf": T + 60}, {"nbf": str(T)}, {"nbf": True}, {"iat": T + 60}, {"iat": "now"},
        {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": ["ada"]}, {"sub": "a" * 256},
        {"groups": None}, {"groups": ["TELLERS"]}, {"groups": ["tellers "]}, {"groups": []},
    ],
)  # fmt: skip
def test_claims_that_do_not_fit_are_refused_though_the_issuer_signed_them(world, claims):
    assert world.verify(good(**claims)) is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "-Infinity", "9" * 5000])
def test_an_end_that_is_no_number_never_comes_and_is_refused(world, number):
    claims = json.dumps(claims_at(T, exp=0)).replace('"exp": 0', f'"exp": {number}')
    assert number in claims
    assert world.verify(token_of(HEADER, claims.encode(), rsa_key())) is None


def test_tokens_of_one_issuer_say_nothing_for_another(world):
    other = "https://other.example"
    world.trust(issuer=other, jwks=jwks(jwk(EVIL)))
    assert world.verify(token_of(HEADER, claims_at(T, iss=other), EVIL))
    assert world.verify(token_of(HEADER, claims_at(T), EVIL)) is None
    assert world.verify(token_of(HEADER, claims_at(T, iss=other), rsa_key())) is None


def test_every_bit_of_a_token_counts(world):
    token = good()
    header, claims, signature = (base64.urlsafe_b64decode(p + "=" * (-len(p) % 4)) for p in token.split("."))
    for index, part in enumerate((header, claims, signature)):
        for place in range(0, len(part), 7):
            changed = bytearray(part)
            changed[place] ^= 1
            parts = [header, claims, signature]
            parts[index] = bytes(changed)
            assert world.verify(".".join(map(base64url, parts))) is None


def test_parts_of_two_tokens_make_none(world):
    one, two = good().split("."), good(groups=["admins"]).split(".")
    assert world.verify(".".join(two)).roles == {"admin"}
    assert world.verify(".".join([one[0], two[1], one[2]])) is None
    assert world.verify(".".join([two[0], two[1], one[2]])) is None


def test_forms_that_other_readers_would_take_are_refused(world):
    token = good()
    header, claims, signature = token.split(".")
    json_form = json.dumps({"payload": claims, "signatures": [{"protected": header, "signature": signature}]})
    for form in (
        *(
            token + "=",
            token + "\n",
            " " + token,
            token + ".",
            "." + token,
            token + "." + claims,
            json_form,
            f"{header}.{claims}",
        ),
        *(
            f"{header}=.{claims}.{signature}",
            f"{header}..{signature}",
            f"..{signature}",
            "..",
            "",
            token.replace(".", ".."),
        ),
        *(token.replace("_", "/").replace("-", "+") + "+", f"{header}.{claims}.{signature}.{signature}.{signature}"),
        *(f"Bearer {token}", token[:-1], token + "A", token.upper()),
    ):
        assert world.verify(form) is None


def test_one_signature_has_one_text(world):
    """The last character of a signature of 256 bytes has stray bits: other texts of the same bytes are none."""
    token = good()
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [token[:-1] + c for c in last if c != token[-1]]
    assert [t for t in others if world.verify(t)] == []


def test_an_oversized_token_is_refused_before_anything_is_read(world):
    token = good(padding="x" * MAX_CHARACTERS)
    assert world.verify(token) is None
    assert world.verify("A" * 10**7) is None
    assert world.verify(good(padding="x" * (MAX_CHARACTERS // 2)))


@pytest.mark.parametrize("name", ["groups", "exp", "aud", "iss", "sub", "n"])
def test_a_claim_that_stands_twice_is_refused(world, name):
    claims = json.dumps(claims_at(T, n=1))
    twice = claims[:-1] + f', "{name}": {json.dumps(claims_at(T, n=1, groups=["admins"])[name])}}}'
    assert world.verify(token_of(HEADER, twice.encode(), rsa_key())) is None
    deep = claims[:-1] + ', "deep": {"a": 1, "a": 2}}'
    assert world.verify(token_of(HEADER, deep.encode(), rsa_key())) is None


@pytest.mark.parametrize("twice", ['"alg": "none"', '"alg": "RS256"', '"kid": "k1"'])
def test_a_header_that_says_something_twice_is_refused(world, twice):
    header = json.dumps(HEADER)[:-1] + f", {twice}}}"
    assert world.verify(token_of(header.encode(), claims_at(T), rsa_key())) is None


@pytest.mark.parametrize(
    "more",
    [
        {"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"crit": []}, {"crit": "x"}, {"crit": None}, {"b64": False},
        {"b64": True}, {"zip": "DEF"}, {"enc": "A128GCM"}, {"typ": "JWE"}, {"typ": "logout+jwt"}, {"typ": ["JWT"]},
        {"typ": "dpop+jwt"},
    ],
)  # fmt: skip
def test_a_header_that_is_not_understood_is_refused(world, more):
    assert world.verify(good({**HEADER, **more})) is None


@pytest.mark.parametrize(
    "part", [b"[]", b"null", b"1", b'"x"', b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"a":' * 1000, b"{}{}"]
)
def test_parts_that_are_no_object_are_refused(world, part):
    assert world.verify(token_of(part, claims_at(T), rsa_key())) is None
    assert world.verify(token_of(HEADER, part, rsa_key())) is None


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\xff" * 64, b"\0" * 256, b"\0" * 10])
def test_signatures_of_zeros_and_of_wrong_lengths_are_refused(world, signature):
    world.trust(jwks=jwks(jwk(rsa_key()), jwk(ec_key(), "k2")))
    for header in (HEADER, {"alg": "ES256", "kid": "k2"}):
        assert world.verify(unsigned(header) + base64url(signature)) is None
    message = unsigned({"alg": "ES256", "kid": "k2"})[:-1]
    assert world.verify(f"{message}.{base64url(signed(ec_key(), message.encode(), 'ES256'))}")


def test_a_set_in_which_two_keys_have_one_id_counts_for_nothing(world):
    world.trust(jwks=jwks(jwk(EVIL), jwk(rsa_key())))
    assert world.verify(good()) is None
    assert world.verify(token_of(HEADER, claims_at(T), EVIL)) is None


def test_trust_put_into_the_database_without_a_signature_opens_nothing(world):
    before = world.verify(token_of(HEADER, claims_at(T), EVIL))
    with closing(sqlite3.connect(world.path)) as connection, connection:
        connection.execute(
            "UPDATE entries SET data = CAST(replace(CAST(data AS TEXT), 'a', 'b') AS BLOB) WHERE idx = 0"
        )
    with pytest.raises(VerificationError):
        AccessBook(world.ledger, world.ring, b"k" * 32)
    assert before is None


def test_an_earlier_trust_appended_again_with_the_logs_key_brings_nothing_back(world):
    stolen = good()
    world.trust(jwks=jwks(jwk(rsa_key("two"), "k2")))  # the issuer's key was stolen: another one counts now
    assert world.verify(stolen) is None
    entry = world.ledger.entry(0)
    world.ledger.append([(entry.kind, entry.data)])
    world.book.refresh()
    assert world.verify(stolen) is None


def test_a_token_of_somebody_else_never_comes_from_what_is_remembered(world):
    ada, bob = good(sub="ada"), good(sub="bob", groups=["admins"])
    found = [world.verify(t) for t in (ada, bob, ada, bob)]
    assert found[0] == found[2]
    assert found[1] == found[3]
    assert found[0].id != found[1].id
    header, _, signature = ada.split(".")
    assert world.verify(".".join([header, bob.split(".")[1], signature])) is None
