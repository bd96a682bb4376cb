"""API keys: made once, kept as digests, and counted only while they are in force."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from secmlops.access import keys as access
from secmlops.access.keys import AccessList, Grant, Identity, Scope, new_key
from secmlops.core.errors import InputError, VerificationError

T0 = datetime(2026, 3, 1, tzinfo=UTC)
MAC_KEY = b"k" * 32


def made(**changes):
    given = {"name": "batch job", "scopes": [Scope.PREDICT], "at": T0, "expires": None, **changes}
    return new_key(MAC_KEY, given["name"], given["scopes"], given["at"], given["expires"])


def listing(*grants):
    listed = AccessList(MAC_KEY)
    for grant in grants:
        listed.replay(grant)
    return listed


def test_a_key_has_an_id_and_256_random_bits_and_no_two_are_alike():
    keys = {made()[0] for _ in range(50)}
    assert len(keys) == 50
    assert all(re.fullmatch(r"sk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", key) for key in keys)


def test_the_grant_holds_a_keyed_digest_and_nothing_of_the_secret():
    key, grant = made()
    secret = key.split("_", 2)[2]
    assert grant.mac == hmac.new(MAC_KEY, secret.encode(), hashlib.sha256).hexdigest()
    assert secret not in grant.to_json().decode()
    assert key not in repr(grant)


def test_a_key_is_its_owners_identity():
    key, grant = made(scopes=[Scope.READ, Scope.PREDICT, Scope.READ])
    assert listing(grant).authenticate(key, T0) == Identity(grant.key, "batch job", frozenset(Scope))
    assert grant.scopes == (Scope.PREDICT, Scope.READ)


def test_a_key_counts_until_it_expires_and_not_at_that_moment():
    key, grant = made(expires=T0 + timedelta(hours=1))
    listed = listing(grant)
    assert listed.authenticate(key, T0 + timedelta(minutes=59, seconds=59)) is not None
    assert listed.authenticate(key, T0 + timedelta(hours=1)) is None


def test_a_withdrawn_key_never_comes_back():
    key, grant = made()
    withdrawn = msgspec.structs.replace(grant, withdrawn=True)
    listed = listing(grant, withdrawn, grant)
    assert listed.authenticate(key, T0) is None
    assert listed.grants[grant.key].withdrawn


def test_a_key_of_another_mac_key_does_not_count():
    key, grant = new_key(b"x" * 32, "n", [Scope.READ], T0, None)
    assert listing(grant).authenticate(key, T0) is None


@pytest.mark.parametrize(
    "presented",
    ["", "sk_", "Bearer x", "sk_" + "0" * 12 + "_" + "A" * 43, "sk_0_" + "A" * 43, "é" * 60, "sk_" + "A" * 100_000],
)
def test_what_is_no_key_is_nobody(presented):
    _, grant = made()
    assert listing(grant).authenticate(presented, T0) is None


def test_a_key_with_anything_before_or_after_it_is_nobody():
    key, grant = made()
    listed = listing(grant)
    for presented in (key + "\n", " " + key, key + "A", key[:-1], key.upper(), key + "\0"):
        assert listed.authenticate(presented, T0) is None


def test_unknown_wrong_and_malformed_keys_take_the_same_path(monkeypatch):
    key, grant = made()
    listed = listing(grant)
    macs, compared = [], []
    monkeypatch.setattr(access, "_mac", lambda _, secret: macs.append(len(secret)) or "0" * 64)
    monkeypatch.setattr(access.hmac, "compare_digest", lambda a, b: compared.append((len(a), len(b))) or False)
    wrong = key[:16] + "A" * 43
    unknown = "sk_" + "f" * 12 + "_" + "A" * 43
    for presented in (wrong, unknown, "", "nonsense", key):
        assert listed.authenticate(presented, T0) is None
    assert macs == [43] * 5
    assert compared == [(64, 64)] * 5


@pytest.mark.parametrize("name", ["", " x", "a" * 65, "a\nb", "<b>", "ü", "a\x1b[31m"])
def test_a_name_that_cannot_be_shown_safely_is_refused(name):
    with pytest.raises(InputError, match="owner"):
        made(name=name)


def test_a_key_that_could_never_be_used_is_refused():
    with pytest.raises(InputError, match="nothing"):
        made(scopes=[])
    with pytest.raises(InputError, match="expires"):
        made(expires=T0)


def test_a_grant_reads_back_the_same():
    _, grant = made(expires=T0 + timedelta(days=3))
    assert Grant.from_json(grant.to_json()) == grant


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mac", "é" * 64), ("mac", "0" * 63), ("key", "../../x"), ("scopes", ["admin"]), ("at", "2026-03-01T00:00:00"),
        ("expires", "2026-03-01T00:00:00"), ("withdrawn", "no"), ("more", 1),
    ],
)  # fmt: skip
def test_a_grant_that_is_not_one_is_refused(field, value):
    told = msgspec.to_builtins(made()[1])
    with pytest.raises(VerificationError, match="not a grant"):
        Grant.from_json(msgspec.json.encode({**told, field: value}))


@pytest.mark.parametrize("data", [b"", b"\xff", b"[" * 20_000, b"{}"])
def test_bytes_that_are_no_grant_are_refused(data):
    with pytest.raises(VerificationError):
        Grant.from_json(data)
