"""Rights, users and roles in the order of the ledger: a right ends with whom it was given to."""

from datetime import UTC, datetime

import pytest

from secmlops.access.changes import Role, User
from secmlops.access.data_right_book import DataRightBook
from secmlops.access.data_right_entries import DATA_RIGHT, append_right
from secmlops.access.data_rights import DataRight, Holder, Right
from secmlops.access.entries import append_changes
from secmlops.access.permissions import Permission
from secmlops.core.errors import VerificationError
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import Role as Duty

T0 = datetime(2026, 3, 1, tzinfo=UTC)
SOME = (Permission("status", "*"),)
ADA = Holder("user", "ada")


class World:
    def __init__(self, ledger, signer, ring) -> None:
        self.ledger, self.signer, self.ring = ledger, signer, ring
        self.book = DataRightBook(ledger, lambda: self.ring, b"k" * 32)

    def user(self, version: int, *roles: str, removed: bool = False) -> None:
        change = User(name="ada", roles=roles, version=version, at=T0, removed=removed)
        append_changes(self.ledger, [change], self.signer)

    def role(self, version: int, *, removed: bool = False) -> None:
        change = Role(name="analyst", permissions=SOME, version=version, at=T0, removed=removed)
        append_changes(self.ledger, [change], self.signer)

    def right(self, version: int, *view: str, holder: Holder = ADA) -> None:
        right = DataRight(dataset="loans.csv", holder=holder, view=view, modify=(), version=version, at=T0)
        append_right(self.ledger, right, self.signer)

    def sees(self) -> set[str]:
        access = self.book.refresh()
        return set(access.allowed(access.identity("ada"), "loans.csv", Right.VIEW, ["a", "b"]))


@pytest.fixture
def world(ledger, signer, ring):
    return World(ledger, signer, ring)


def test_a_right_counts_from_the_next_refresh(world):
    world.user(1, "viewer")
    assert world.sees() == set()
    world.right(1, "a")
    assert world.sees() == {"a"}
    world.right(2)
    assert world.sees() == set()


def test_a_user_who_is_added_anew_does_not_come_into_the_rights_of_the_old_one(world):
    world.user(1, "viewer")
    world.right(1, "a")
    world.user(2, removed=True)
    world.user(3, "viewer")
    assert world.sees() == set()
    world.right(2, "b")
    assert world.sees() == {"b"}


def test_an_old_removal_that_is_appended_again_ends_nothing(world):
    world.user(2, "viewer", removed=True)
    world.user(3, "viewer")
    world.right(1, "a")
    world.user(2, "viewer", removed=True)
    assert world.sees() == {"a"}


def test_a_role_that_is_made_anew_does_not_come_into_the_rights_of_the_old_one(world):
    analyst = Holder("role", "analyst")
    world.role(1)
    world.user(1, "analyst")
    world.right(1, "a", holder=analyst)
    assert world.sees() == {"a"}
    world.role(2, removed=True)
    assert world.sees() == set()
    world.role(3)
    assert world.sees() == set()


def test_a_key_that_is_revoked_while_the_book_is_open_gave_nothing(world):
    world.user(1, "viewer")
    world.right(1, "a")
    assert world.sees() == {"a"}
    fresh = PrivateKey.generate(Algorithm.ED25519)
    world.ring = world.ring.with_key(fresh.public, Duty.GATEWAY, T0).revoking(world.signer.key_id)
    world.signer = fresh
    world.user(2, "viewer")
    assert world.sees() == set()
    assert world.book.refresh().rights.passed_over == 1


def test_a_removal_by_a_revoked_key_stays_a_removal(world):
    world.user(1, "viewer")
    fresh = PrivateKey.generate(Algorithm.ED25519)
    old, world.signer = world.signer, fresh
    world.ring = world.ring.with_key(fresh.public, Duty.GATEWAY, T0)
    world.user(2, "viewer")
    world.right(1, "a")
    world.signer = old
    world.user(3, "viewer", removed=True)
    world.ring = world.ring.revoking(old.key_id)
    world.signer = fresh
    world.user(4, "viewer")
    assert world.sees() == set()


def test_an_entry_that_is_no_right_stops_the_book_at_every_refresh(world):
    world.user(1, "viewer")
    world.right(1, "a")
    world.ledger.append([(DATA_RIGHT, b"{}")])
    for _ in range(2):
        with pytest.raises(VerificationError):
            world.book.refresh()
