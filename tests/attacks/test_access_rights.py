"""Attacks on rights: whoever holds the log's key, the database or an old grant gets nothing that was not given."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from secmlops.access.administration import Administration
from secmlops.access.book import AccessBook
from secmlops.access.changes import Role as OwnRole
from secmlops.access.changes import User
from secmlops.access.entries import append_changes, name_of
from secmlops.access.keys import Narrowing
from secmlops.access.permissions import Permission
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.log import Ledger
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role
from secmlops.trust.statement import attest_statement

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
MAC_KEY = b"k" * 32
ALL = Narrowing(scopes=("*",))


class Project:
    """A ledger of its own, under keys that several projects of one owner share."""

    def __init__(self, folder, name, keys, ring):
        self.keys, self.ring = keys, ring
        self.path = folder / f"{name}.db"
        self.ledger = Ledger.open(self.path, keys[Role.LOG], f"secmlops.test/{name}")
        self.book = AccessBook(self.ledger, ring, MAC_KEY)
        self.rights = Administration(self.book, MAC_KEY, lambda: NOW, self.append)

    def append(self, change):
        append_changes(self.ledger, [change], self.keys[Role.GATEWAY])

    def repeat(self, entry, ledger=None):
        """What the holder of the log's key can do: append an entry that was signed before."""
        (ledger or self.ledger).append([(entry.kind, entry.data)])


@pytest.fixture
def owner():
    keys = {role: PrivateKey.generate(Algorithm.ED25519) for role in (Role.LOG, Role.GATEWAY, Role.ENGINEER)}
    ring = KeyRing()
    for role, key in keys.items():
        ring = ring.with_key(key.public, role, NOW - timedelta(days=1))
    return keys, ring


@pytest.fixture
def project(tmp_path, owner):
    made = Project(tmp_path, "one", *owner)
    yield made
    made.ledger.close()


@pytest.fixture
def other(tmp_path, owner):
    made = Project(tmp_path, "other", *owner)
    yield made
    made.ledger.close()


def test_a_role_that_was_taken_away_is_not_brought_back_by_its_own_entry(project):
    project.rights.set_user("ada", ["admin"])
    key, _ = project.rights.grant("ada", ALL)
    project.rights.set_user("ada", ["viewer"])
    project.repeat(project.ledger.entry(0))
    project.book.refresh()
    assert not project.book.authenticate(key, NOW).may("access.manage", "access")


def test_a_removed_user_is_not_brought_back_by_their_own_entries(project):
    project.rights.set_user("ada", ["admin"])
    key, _ = project.rights.grant("ada", ALL)
    project.rights.remove_user("ada")
    for place in (0, 1, 0):
        project.repeat(project.ledger.entry(place))
    project.book.refresh()
    assert project.book.authenticate(key, NOW) is None


def test_a_right_in_one_project_is_none_in_another_of_the_same_owner(project, other):
    project.rights.set_user("ada", ["admin"])
    key, _ = project.rights.grant("ada", ALL)
    project.repeat(project.ledger.entry(0), other.ledger)
    project.repeat(project.ledger.entry(1), other.ledger)
    with pytest.raises(VerificationError, match="another ledger"):
        other.book.refresh()
    assert other.book.authenticate(key, NOW) is None


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.LOG])
def test_a_key_of_another_duty_gives_no_rights(project, role):
    append_changes(project.ledger, [User(name="ada", roles=("admin",), version=1, at=NOW)], project.keys[role])
    with pytest.raises(VerificationError):
        project.book.refresh()
    assert project.book.state.users == {}


def test_a_change_is_not_read_as_one_of_another_kind(project):
    """A user and a role have alike members; what was signed as the one is not taken for the other."""
    user = msgspec.to_builtins(
        User(name="ada", roles=("admin",), version=1, at=NOW, ledger=name_of(project.ledger.origin))
    )
    entry = attest_statement("urn:secmlops:role:v1", {"x": Digest.of(b"x")}, user, project.keys[Role.GATEWAY])
    project.ledger.append([("access", entry)])
    with pytest.raises(VerificationError, match="not a change"):
        project.book.refresh()


def test_a_row_changed_in_the_database_stops_everything_rather_than_letting_anybody_in(project):
    project.rights.set_user("ada", ["viewer"])
    project.rights.grant("ada", ALL)
    with closing(sqlite3.connect(project.path)) as connection, connection:
        connection.execute("DELETE FROM entries WHERE idx = 0")
    with pytest.raises(VerificationError):
        AccessBook(project.ledger, project.ring, MAC_KEY)


def test_a_key_of_a_user_who_lost_all_roles_may_nothing(project):
    project.rights.set_role("own", [Permission("*", "*")])
    project.rights.set_user("ada", ["own"])
    key, _ = project.rights.grant("ada", ALL)
    project.rights.remove_role("own")
    found = project.book.authenticate(key, NOW)
    assert found is not None
    assert not any(found.may(action, "model:x") for action in ("read", "predict", "access.manage", "*"))


def test_a_star_that_is_asked_for_is_no_star_that_is_allowed(project):
    project.rights.set_user("ada", ["caller"])
    key, _ = project.rights.grant("ada", Narrowing(scopes=("predict",), models=("credit-*",)))
    project.book.refresh()
    found = project.book.authenticate(key, NOW)
    for action, resource in (
        ("*", "model:credit-1"),
        ("predict", "*"),
        ("predict", "model:*"),
        ("predict", ""),
        ("", ""),
    ):
        assert not found.may(action, resource)


def test_a_name_that_looks_like_a_pattern_or_a_path_gets_no_more_than_itself(project):
    project.rights.set_user("ada", ["caller"])
    key, _ = project.rights.grant("ada", Narrowing(scopes=("predict",), models=("credit-risk",)))
    project.book.refresh()
    found = project.book.authenticate(key, NOW)
    assert found.may("predict", "model:credit-risk")
    for name in (
        "credit-risk/../fraud",
        "credit-risk*",
        "CREDIT-RISK",
        "credit-risk\0",
        "credit-risk ",
        "credit\u2010risk",
    ):
        assert not found.may("predict", f"model:{name}")


def test_a_role_of_ones_own_cannot_take_the_name_of_a_built_in_one_even_when_it_is_on_record(project):
    project.rights.set_user("ada", ["viewer"])
    key, _ = project.rights.grant("ada", ALL)
    project.append(OwnRole(name="viewer", permissions=(Permission("*", "*"),), version=1, at=NOW))
    project.book.refresh()
    assert not project.book.authenticate(key, NOW).may("predict", "model:x")
    with pytest.raises(InputError, match="built in"):
        project.rights.set_role("viewer", [Permission("*", "*")])
