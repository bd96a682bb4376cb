"""Rights as they stand: replayed twice or late, a change changes nothing."""

from datetime import UTC, datetime

import msgspec
import pytest

from secmlops.access.changes import Certificate, Issuer, Role, User
from secmlops.access.keys import Narrowing, new_key
from secmlops.access.permissions import Permission
from secmlops.access.state import AccessState

T0 = datetime(2026, 3, 1, tzinfo=UTC)
KINDS = {
    "users": User(name="ada", roles=("viewer",), version=1, at=T0),
    "roles": Role(name="own", permissions=(Permission("read", "*"),), version=1, at=T0),
    "issuers": Issuer(issuer="https://id.example", audience="a", algorithms=("RS256",), version=1, at=T0),
    "certificates": Certificate(fingerprint="0" * 64, name="ada", pem="", expires=T0, version=1, at=T0),
}


def versions(kind):
    return [msgspec.structs.replace(KINDS[kind], version=n, removed=n == 2) for n in (1, 2, 3)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", [(0, 1, 2), (0, 1, 2, 0), (0, 1, 2, 1), (2, 0, 1), (0, 2, 1), (2, 2)])
def test_only_the_highest_version_counts_in_whatever_order_they_come(kind, order):
    state, changes = AccessState(), versions(kind)
    for number in order:
        state.replay(changes[number])
    assert list(getattr(state, kind).values()) == [changes[2]]
    assert state.holds(changes[2])
    assert not state.holds(changes[0])


def test_another_grant_under_the_same_id_is_none():
    state = AccessState()
    _, grant = new_key(b"k" * 32, "ada", Narrowing(scopes=("read",)), T0)
    state.replay(grant)
    state.replay(msgspec.structs.replace(grant, name="eve", scopes=("*",), mac="f" * 64))
    assert state.grants == {grant.key: grant}
    assert set(state.users) == {"ada"}


def test_a_user_who_was_only_implied_is_replaced_by_the_first_that_is_said():
    state = AccessState()
    state.replay(new_key(b"k" * 32, "ada", Narrowing(scopes=("read",)), T0)[1])
    assert state.users["ada"].roles == ("caller",)
    state.replay(KINDS["users"])
    assert state.users["ada"].roles == ("viewer",)


def test_a_removal_of_an_old_version_ends_nobodys_keys():
    state = AccessState()
    _, grant = new_key(b"k" * 32, "ada", Narrowing(scopes=("read",)), T0)
    for change in (msgspec.structs.replace(KINDS["users"], version=5), grant, versions("users")[1]):
        state.replay(change)
    assert not state.grants[grant.key].withdrawn
