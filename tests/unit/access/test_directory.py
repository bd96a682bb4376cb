"""The directory: who is behind a key or a certificate, and what that identity may do."""

import hmac
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from secmlops.access.changes import Certificate, Role, User
from secmlops.access.directory import Directory
from secmlops.access.keys import Narrowing, new_key
from secmlops.access.limits import Limits
from secmlops.access.permissions import Action, Permission
from secmlops.access.state import AccessState

T0 = datetime(2026, 3, 1, tzinfo=UTC)
MAC_KEY = b"k" * 32
PRINT = "ab" * 32


def made(name="ada", **narrowing):
    return new_key(MAC_KEY, name, Narrowing(**{"scopes": ("*",), **narrowing}), T0)


def user(name="ada", roles=("caller",), version=1, removed=False):
    return User(name=name, roles=roles, version=version, at=T0, removed=removed)


def certificate(version=1, removed=False, name="ada"):
    expires = T0 + timedelta(days=1)
    return Certificate(fingerprint=PRINT, name=name, pem="", expires=expires, version=version, at=T0, removed=removed)


def directory(*changes):
    state = AccessState()
    for change in changes:
        state.replay(change)
    return Directory(state, MAC_KEY)


def test_a_key_is_its_users_identity():
    limits = Limits(rate=1.0)
    key, grant = made(limits=limits)
    found = directory(user(roles=("engineer", "validator")), grant).authenticate(key, T0)
    assert (found.id, found.name, found.limits) == (f"key:{grant.key}", "ada", limits)
    assert found.roles == {"engineer", "validator"}
    assert found.may(Action.MODEL_TRAIN, "model:x")
    assert found.may(Action.MODEL_APPROVE, "model:x")
    assert not found.may(Action.ACCESS_MANAGE, "access")


def test_a_grant_to_a_name_that_never_was_a_user_makes_a_caller():
    key, grant = made("teller", scopes=("predict", "read"))
    found = directory(grant).authenticate(key, T0)
    assert found.roles == {"caller"}
    assert {a for a in Action if found.may(a, "model:x")} == {Action.PREDICT, Action.READ, Action.RECEIPT}


def test_a_key_counts_until_it_expires_and_not_at_that_moment():
    key, grant = made(lifetime=timedelta(hours=1))
    known = directory(user(), grant)
    assert known.authenticate(key, T0 + timedelta(minutes=59, seconds=59)) is not None
    assert known.authenticate(key, T0 + timedelta(hours=1)) is None


def test_a_withdrawn_key_never_comes_back():
    key, grant = made()
    withdrawn = msgspec.structs.replace(grant, withdrawn=True)
    assert directory(user(), grant, withdrawn, grant).authenticate(key, T0) is None


def test_a_removed_users_keys_and_certificates_end_and_do_not_pass_to_a_namesake():
    key, grant = made()
    before = (user(), grant, certificate())
    removed = (*before, user(version=2, removed=True))
    again = (*removed, user(version=3), grant, certificate())
    assert directory(*before).authenticate(key, T0)
    assert directory(*before).certificate(PRINT, T0)
    for changes in (removed, again):
        assert directory(*changes).authenticate(key, T0) is None
        assert directory(*changes).certificate(PRINT, T0) is None
    fresh, new = made()
    assert directory(*again, new, certificate(version=2)).authenticate(fresh, T0)
    assert directory(*again, certificate(version=2)).certificate(PRINT, T0)


def test_a_key_granted_to_a_removed_user_is_dead_from_the_start():
    key, grant = made()
    assert directory(user(), user(version=2, removed=True), grant).authenticate(key, T0) is None


def test_a_certificate_stands_for_its_user_while_it_is_valid():
    known = directory(user(roles=("auditor",)), certificate())
    found = known.certificate(PRINT, T0)
    assert (found.id, found.name, found.roles) == (f"cert:{PRINT[:16]}", "ada", {"auditor"})
    assert known.certificate(PRINT, T0 + timedelta(days=1)) is None
    assert known.certificate(PRINT.upper(), T0) is None
    assert known.certificate("", T0) is None


def test_a_certificate_withdrawn_or_of_nobody_stands_for_nobody():
    assert directory(user(), certificate(), certificate(version=2, removed=True)).certificate(PRINT, T0) is None
    assert directory(certificate()).certificate(PRINT, T0) is None


def test_a_role_changed_or_removed_changes_what_its_users_may():
    def role(action, version, removed=False):
        permissions = (Permission(action, "model:x"),)
        return Role(name="own", permissions=permissions, version=version, at=T0, removed=removed)

    key, grant = made()
    changes = [user(roles=("own",)), grant, role("predict", 1)]
    assert directory(*changes).authenticate(key, T0).may("predict", "model:x")
    changes.append(role("read", 2))
    assert not directory(*changes).authenticate(key, T0).may("predict", "model:x")
    assert directory(*changes).authenticate(key, T0).may("read", "model:x")
    changes.append(role("read", 3, removed=True))
    assert not directory(*changes).authenticate(key, T0).may("read", "model:x")


def test_a_built_in_role_cannot_be_replaced_by_one_of_the_same_name():
    key, grant = made()
    every = Role(name="viewer", permissions=(Permission("*", "*"),), version=1, at=T0)
    assert not directory(user(roles=("viewer",)), grant, every).authenticate(key, T0).may("access.manage", "x")


def test_an_earlier_version_put_back_changes_nothing():
    key, grant = made()
    powerful, plain = user(roles=("admin",)), user(roles=("viewer",), version=2)
    found = directory(powerful, grant, plain, powerful).authenticate(key, T0)
    assert found.roles == {"viewer"}


def test_a_key_of_another_mac_key_does_not_count():
    key, grant = new_key(b"x" * 32, "ada", Narrowing(scopes=("read",)), T0)
    assert directory(user(), grant).authenticate(key, T0) is None


def test_a_key_with_anything_before_or_after_it_is_nobody():
    key, grant = made()
    known = directory(user(), grant)
    for presented in (key + "\n", " " + key, key + "A", key[:-1], key.upper(), key + "\0", "", "nonsense"):
        assert known.authenticate(presented, T0) is None


def test_unknown_wrong_withdrawn_and_malformed_keys_take_the_same_path(monkeypatch):
    key, grant = made()
    gone, withdrawn = made()
    known = directory(user(), grant, msgspec.structs.replace(withdrawn, withdrawn=True))
    macs, compared = [], []
    monkeypatch.setattr(Directory, "_mac", lambda _, secret: macs.append(len(secret)) or bytes(32))
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((len(a), len(b))) or False)
    wrong = key[:16] + "A" * 43
    unknown = "sk_" + "f" * 12 + "_" + "A" * 43
    for presented in (wrong, unknown, "", "nonsense", key, gone):
        assert known.authenticate(presented, T0) is None
    assert macs == [43] * 6
    assert compared == [(32, 32)] * 6


def test_pseudonyms_are_keyed_and_tell_their_parts_apart():
    known, other = directory(), Directory(AccessState(), b"o" * 32)
    assert known.pseudonym("a", "b") == known.pseudonym("a", "b")
    assert (
        len({known.pseudonym("a", "b"), known.pseudonym("ab"), known.pseudonym("b", "a"), other.pseudonym("a", "b")})
        == 4
    )


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_roles_of_a_user_or_none(name):
    assert directory(user()).user_roles(name) == (("caller",) if name == "ada" else None)
