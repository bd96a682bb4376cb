"""``secmlops access``: users, roles, keys, tokens and certificates, as an administrator works with them."""

import os
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from kits.token_issuer import AUDIENCE, ISSUER, claims_at, jwk, jwks, rsa_key, token_of
from secmlops.access.tokens import TokenVerifier
from secmlops.workspace import Workspace

NOW = datetime.now(UTC)


@pytest.fixture
def access(tiny, secmlops):
    return lambda *arguments: secmlops("access", *arguments, "-C", tiny)


@pytest.fixture
def book(tiny):
    """Read what is on record, as another process would."""
    return lambda: Workspace(tiny).access


@pytest.fixture
def keys_file(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_text(jwks(jwk(rsa_key())), encoding="utf-8")
    return path


def certificate(path, days=30, count=1):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "batch")])
    key = ec.generate_private_key(ec.SECP256R1())
    begin = NOW - timedelta(days=60)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    valid = builder.not_valid_before(begin).not_valid_after(NOW + timedelta(days=days))
    made = valid.sign(key, hashes.SHA256())
    path.write_bytes(made.public_bytes(Encoding.PEM) * count)
    return made.fingerprint(hashes.SHA256()).hex()


def test_without_a_key_it_is_told_how_one_is_made(access):
    said = access("list")
    assert (said.code, said.out) == (0, "no API key yet: secmlops access grant NAME makes one\n")


def test_a_user_with_a_role_of_the_projects_own_and_a_narrow_key(access, book):
    assert access("roles", "add", "scorer", "--allow", "predict model:credit-*", "--allow", "read model:*").code == 0
    assert access("users", "add", "ada", "--role", "scorer").code == 0
    granted = access(
        *("keys", "grant", "ada", "--scope", "predict", "--model", "credit-risk", "--expires", "90 d"),
        *("--rate", "5", "--burst", "10", "--per-day", "1000", "--json"),
    ).data
    found = book().authenticate(granted["api_key"], NOW)
    assert found.may("predict", "model:credit-risk")
    assert not found.may("predict", "model:credit-other")
    assert not found.may("read", "model:credit-risk")
    assert (found.limits.rate, found.limits.burst, found.limits.per_day) == (5.0, 10, 1000)
    (listed,) = access("keys", "list", "--json").data["keys"]
    assert listed["limits"] == {"rate": 5.0, "burst": 10, "per_day": 1000}
    assert (
        "5/s, burst 10, 1000/day" in access("keys", "list").out.replace("\n", " ")
        or "5/s" in access("keys", "list").out
    )
    shown = access("users", "show", "ada", "--json").data
    assert shown["may"] == ["predict model:credit-*", "read model:*"]
    assert shown["has"] == [f"key:{granted['key']}"]
    assert access("users", "remove", "ada").code == 0
    assert book().authenticate(granted["api_key"], NOW) is None
    assert access("users", "list", "--json").data["users"] == []


def test_roles_are_listed_shown_and_removed(access, book):
    assert access("roles", "add", "own", "--allow", "data.read data:applications/*").code == 0
    names = {role["role"]: role["built_in"] for role in access("roles", "list", "--json").data["roles"]}
    assert names["own"] is False
    assert {n for n, built_in in names.items() if built_in} == {
        "viewer", "caller", "engineer", "validator", "security", "operator", "auditor", "admin",
        "revealer",
    }  # fmt: skip
    assert access("roles", "show", "own").out.strip() == "data.read data:applications/*"
    assert "access.manage *" in access("roles", "show", "admin").out
    assert access("roles", "remove", "own").code == 0
    assert access("roles", "show", "own").code == 2
    assert "viewer" in access("roles", "list").out


def test_tokens_of_a_trusted_issuer_count_until_it_is_distrusted(access, book, keys_file):
    token = token_of({"alg": "RS256", "kid": "k1"}, claims_at(NOW.timestamp()), rsa_key())
    options = ("--audience", AUDIENCE, "--jwks", keys_file, "--role", "groups=tellers:caller")
    assert access("tokens", "trust", ISSUER, *options).code == 0
    assert TokenVerifier(book()).verify(token, NOW).roles == {"caller"}
    (listed,) = access("tokens", "list", "--json").data["issuers"]
    assert listed["rules"] == [{"claim": "groups", "value": "tellers", "role": "caller"}]
    assert ISSUER in access("tokens", "list").out
    assert access("tokens", "distrust", ISSUER).code == 0
    assert TokenVerifier(book()).verify(token, NOW) is None
    assert access("tokens", "list", "--json").data["issuers"] == []


def test_a_certificate_stands_for_a_user_until_it_is_withdrawn(access, book, tmp_path):
    fingerprint = certificate(tmp_path / "client.pem")
    assert access("certificates", "map", tmp_path / "client.pem", "batch").code == 2
    assert access("users", "add", "batch", "--role", "caller").code == 0
    assert access("certificates", "map", tmp_path / "client.pem", "batch").code == 0
    assert book().certificate(fingerprint, NOW).name == "batch"
    assert fingerprint in access("certificates", "list", "--json").out
    assert access("users", "show", "batch", "--json").data["has"] == [f"cert:{fingerprint[:16]}"]
    colons = ":".join(fingerprint[i : i + 2] for i in range(0, 64, 2)).upper()
    assert access("certificates", "withdraw", colons).code == 0
    assert book().certificate(fingerprint, NOW) is None
    assert "withdrawn" in access("certificates", "list").out


def test_what_cannot_be_is_told_in_words_and_leaves_nothing(access, book, keys_file, tmp_path):
    certificate(tmp_path / "old.pem", days=-1)
    certificate(tmp_path / "two.pem", count=2)
    (tmp_path / "large").write_bytes(b" " * 100_000)
    (tmp_path / "weak.json").write_text(jwks(jwk(rsa_key("weak", 1024))), encoding="utf-8")
    (tmp_path / "latin.json").write_bytes(b"\xff")
    access("users", "add", "ada", "--role", "caller")
    size = book()._ledger.size
    trust = ("tokens", "trust", ISSUER, "--audience", AUDIENCE)
    role = ("--role", "groups=tellers:caller")
    for arguments in (
        ("users", "add", "a\nb", "--role", "caller"), ("users", "add", "bob", "--role", "boss"),
        ("users", "add", "bob"),
        ("users", "remove", "bob"), ("users", "show", "bob"), ("roles", "add", "viewer", "--allow", "* *"),
        ("roles", "add", "own", "--allow", "predcit model:*"), ("roles", "add", "own"), ("roles", "remove", "admin"),
        ("roles", "show", "own"), ("keys", "grant", "bob"), ("keys", "grant", "ada", "--rate", "0"),
        ("keys", "grant", "ada", "--rate", "nan"), ("keys", "grant", "ada", "--model", "a b"),
        ("keys", "grant", "ada", "--expires", "never"), ("keys", "withdraw", "0" * 12),
        (*trust, *role), (*trust, "--jwks", keys_file), (*trust, *role, "--jwks", keys_file, "--jwks-url", ISSUER),
        (*trust, *role, "--jwks", keys_file, "--algorithm", "HS256"), (*trust, *role, "--jwks", tmp_path / "none"),
        (*trust, *role, "--jwks", keys_file, "--algorithm", "ES256"), (*trust, *role, "--jwks-url", "http://id.example/"),
        (*trust, "--role", "tellers", "--jwks", keys_file), (*trust, "--role", "a=b:boss", "--jwks", keys_file),
        (*trust, *role, "--jwks", tmp_path / "weak.json"), (*trust, *role, "--jwks", tmp_path / "large"),
        (*trust, *role, "--jwks", tmp_path / "latin.json"),
        ("tokens", "trust", "http://id.example", "--audience", AUDIENCE, *role, "--jwks", keys_file),
        ("tokens", "trust", ISSUER, "--audience", "", *role, "--jwks", keys_file), ("tokens", "distrust", ISSUER),
        ("certificates", "map", tmp_path / "old.pem", "ada"), ("certificates", "map", tmp_path / "two.pem", "ada"),
        ("certificates", "map", tmp_path / "large", "ada"), ("certificates", "map", tmp_path, "ada"),
        ("certificates", "map", keys_file, "ada"), ("certificates", "withdraw", "0" * 64),
    ):  # fmt: skip
        said = access(*arguments)
        assert (said.code, "error: " in said.err) == (2, True), arguments
        assert "something of ours broke" not in said.err, arguments
    assert book()._ledger.size == size


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_told(access, keys_file):
    keys_file.chmod(stat.S_IWUSR)
    said = access("tokens", "trust", ISSUER, "--audience", "a", "--role", "a=b:caller", "--jwks", keys_file)
    assert (said.code, "cannot be read" in said.err) == (2, True)


def test_a_private_key_in_a_jwk_set_is_refused_loudly(access, tmp_path):
    (tmp_path / "leaked.json").write_text(jwks({**jwk(rsa_key()), "d": "AQAB"}), encoding="utf-8")
    options = ("--audience", "a", "--role", "a=b:caller", "--jwks", tmp_path / "leaked.json")
    said = access("tokens", "trust", ISSUER, *options)
    assert (said.code, "private key" in said.err) == (1, True)
