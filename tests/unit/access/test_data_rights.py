"""Rights on columns as they stand: what is added, taken away, replayed twice, or signed by a revoked key."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secmlops.access.data_rights import ALL, DataRight, DataRights, Holder, Right

T0 = datetime(2026, 3, 1, tzinfo=UTC)
ADA = Holder("user", "ada")


def right(version: int = 1, view=(), modify=(), holder: Holder = ADA) -> DataRight:
    return DataRight(dataset="loans.csv", holder=holder, view=view, modify=modify, version=version, at=T0)


def held(*changes: DataRight) -> DataRights:
    rights = DataRights()
    for change in changes:
        rights.replay(change)
    return rights


def test_a_right_covers_what_it_names():
    given = right(view=("income",), modify=(ALL,))
    assert given.covers(Right.VIEW, "income")
    assert not given.covers(Right.VIEW, "age")
    assert given.covers(Right.MODIFY, "whatever comes later")
    assert not right().covers(Right.VIEW, ALL)


def test_adding_and_taking_away():
    given = right().adding(Right.VIEW, ["b", "a"]).adding(Right.VIEW, ["a", "c"])
    assert (given.view, given.modify) == (("a", "b", "c"), ())
    assert given.without(Right.VIEW, ["b", "x"]).view == ("a", "c")
    assert given.without(Right.VIEW, [ALL]).view == ()
    assert given.adding(Right.VIEW, [ALL]).view == (ALL,)
    assert given.adding(Right.MODIFY, ["a"]).modify == ("a",)


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 1, 2, 0), (2, 0, 1), (0, 2, 1), (2, 2)])
def test_only_the_highest_version_counts_in_whatever_order_they_come(order):
    changes = [right(1, ("a",)), right(2), right(3, ("b",))]
    rights = held(*(changes[number] for number in order))
    assert rights.get("loans.csv", ADA) == changes[2]
    assert rights.version("loans.csv", ADA) == 3
    assert rights.version("other.csv", ADA) == 0


def test_rights_are_told_by_holder_and_ended_ones_are_not():
    role = Holder("role", "analyst")
    rights = held(right(view=("a",)), right(view=("b",), holder=role), right(holder=Holder("user", "eve")))
    assert [one.holder for one in rights.of("loans.csv")] == [role, ADA]
    assert rights.of("other.csv") == ()
    assert str(role) == "role analyst"


@pytest.mark.parametrize(
    ("before", "said", "left"),
    [
        (("a", "b"), ("b", "c"), ("b",)),
        (("a",), (), ()),
        ((ALL,), ("a",), ("a",)),
        (("a",), (ALL,), ("a",)),
        ((), (ALL,), ()),
    ],
)
def test_what_a_revoked_key_said_takes_away_and_gives_nothing(before, said, left):
    rights = held(right(4, before))
    rights.replay_revoked(right(9, said))
    known = rights.get("loans.csv", ADA)
    assert (known.view, known.version) == (left, 4)
    assert rights.passed_over == bool(said)


def test_an_earlier_change_by_a_revoked_key_takes_nothing_away():
    rights = held(right(4, ("a",)))
    rights.replay_revoked(right(3))
    assert rights.get("loans.csv", ADA).view == ("a",)


def test_a_revoked_key_cannot_begin_a_right():
    rights = DataRights()
    rights.replay_revoked(right(view=(ALL,)))
    assert rights.of("loans.csv") == ()


def test_the_rights_of_a_removed_user_end_and_others_stay():
    other = right(view=("a",), holder=Holder("role", "ada"))
    rights = held(right(view=("a",)), msgspec.structs.replace(right(2, ("b",)), dataset="x.csv"), other)
    rights.end(ADA)
    assert rights.of("loans.csv") == (other,)
    assert rights.of("x.csv") == ()
    assert rights.version("x.csv", ADA) == 2


COLUMNS = st.lists(st.sampled_from(["a", "b", "c", ALL]), max_size=3)


@given(COLUMNS, COLUMNS)
def test_a_revoked_key_never_widens(first, second):
    rights = held(right(1).adding(Right.VIEW, first))
    before = rights.get("loans.csv", ADA)
    rights.replay_revoked(right(2).adding(Right.VIEW, second))
    after = rights.get("loans.csv", ADA)
    assert all(before.covers(Right.VIEW, c) for c in "abcd" if after.covers(Right.VIEW, c))
