"""API keys: made once, shown once, kept as digests."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from secmlops.access.changes import Grant
from secmlops.access.keys import Narrowing, new_key, split
from secmlops.access.limits import Limits
from secmlops.core.errors import InputError, VerificationError

T0 = datetime(2026, 3, 1, tzinfo=UTC)
MAC_KEY = b"k" * 32


def made(name="batch job", **narrowing):
    return new_key(MAC_KEY, name, Narrowing(**{"scopes": ("predict",), **narrowing}), T0)


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


def test_a_grant_says_what_the_key_is_narrowed_to():
    limits = Limits(rate=2.5, burst=10, per_day=1000)
    _, grant = made(scopes=("read", "predict", "read"), models=("credit-*",), lifetime=timedelta(days=1), limits=limits)
    assert (grant.scopes, grant.models, grant.limits) == (("predict", "read"), ("credit-*",), limits)
    assert grant.expires == T0 + timedelta(days=1)
    assert not grant.withdrawn


def test_a_key_is_split_into_id_and_secret():
    key, grant = made()
    assert split(key) == (grant.key, key[16:].encode())


@pytest.mark.parametrize(
    "presented",
    [
        "",
        "sk_",
        "Bearer x",
        "sk_0_" + "A" * 43,
        "é" * 60,
        "sk_" + "A" * 100_000,
        "sk_" + "0" * 12 + "_" + "A" * 43 + "\n",
    ],
)
def test_what_is_no_key_is_split_into_what_no_key_has(presented):
    assert split(presented) == ("0" * 12, b"A" * 43)


@pytest.mark.parametrize("name", ["", " x", "a" * 65, "a\nb", "<b>", "ü", "a\x1b[31m"])
def test_a_name_that_cannot_be_shown_safely_is_refused(name):
    with pytest.raises(InputError, match="owner"):
        made(name)


@pytest.mark.parametrize(
    "narrowing",
    [
        {"scopes": ()}, {"models": ()}, {"scopes": ("admin",)}, {"scopes": ("predict model:*",)}, {"models": ("a b",)},
        {"lifetime": timedelta(0)}, {"lifetime": timedelta(days=-1)}, {"lifetime": timedelta(days=3651)},
        {"limits": Limits(rate=0.0)}, {"limits": Limits(burst=-1)}, {"limits": Limits(per_day=10**13)},
        {"limits": Limits(rate=float("nan"))}, {"limits": Limits(rate=float("inf"))},
    ],
)  # fmt: skip
def test_a_key_that_could_never_be_used_or_bounded_is_refused(narrowing):
    with pytest.raises(InputError):
        made(**narrowing)


def test_a_grant_reads_back_the_same():
    _, grant = made(lifetime=timedelta(days=3), limits=Limits(per_day=5))
    assert Grant.from_json(grant.to_json()) == grant


def test_a_grant_of_the_first_version_still_reads():
    _, grant = made()
    told = msgspec.to_builtins(grant)
    for later in ("ledger", "models", "limits"):
        del told[later]
    assert Grant.from_json(msgspec.json.encode(told)) == grant


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mac", "é" * 64), ("mac", "0" * 63), ("key", "../../x"), ("scopes", [1]), ("at", "2026-03-01T00:00:00"),
        ("expires", "2026-03-01T00:00:00"), ("withdrawn", "no"), ("more", 1), ("models", "*"), ("limits", {"rows": 1}),
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
