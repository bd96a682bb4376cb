"""Who may do what to which columns, and why: by roles, by rights, and never by a name that reads like another."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secmlops.access.changes import Role, User
from secmlops.access.data_access import DataAccess, resource_of
from secmlops.access.data_rights import DataRight, DataRights, Holder, Right
from secmlops.access.directory import Directory
from secmlops.access.identity import Identity
from secmlops.access.permissions import Permission
from secmlops.access.state import AccessState
from secmlops.core.errors import InputError

T0 = datetime(2026, 3, 1, tzinfo=UTC)
COLUMNS = ["income", "age"]


def access(*rights: DataRight, **users: tuple[str, ...]) -> DataAccess:
    state, known = AccessState(), DataRights()
    own = (Permission("data.read", "data:loans.csv/in*"), Permission("data.write", "data:other.csv/*"))
    state.replay(Role(name="analyst", permissions=own, version=1, at=T0))
    for name, roles in users.items():
        state.replay(User(name=name, roles=roles, version=1, at=T0))
    for right in rights:
        known.replay(right)
    return DataAccess(state, Directory(state, b"k" * 32), known)


def right(holder: Holder, *view: str, modify: tuple[str, ...] = ()) -> DataRight:
    return DataRight(dataset="loans.csv", holder=holder, view=view, modify=modify, version=1, at=T0)


def test_a_role_allows_what_its_permissions_say():
    decided = access(ada=("analyst",))
    ada = decided.identity("ada")
    assert decided.allowed(ada, "loans.csv", Right.VIEW, COLUMNS) == {
        "income": "role analyst allows data.read data:loans.csv/in*"
    }
    assert decided.allowed(ada, "other.csv", Right.VIEW, COLUMNS) == {}
    assert set(decided.allowed(ada, "other.csv", Right.MODIFY, COLUMNS)) == {"income", "age"}


@pytest.mark.parametrize("holder", [Holder("user", "ada"), Holder("role", "viewer")])
def test_a_right_adds_to_what_the_roles_allow(holder):
    decided = access(right(holder, "age"), ada=("viewer",), eve=("auditor",))
    given = decided.allowed(decided.identity("ada"), "loans.csv", Right.VIEW, COLUMNS)
    assert given == {"age": f"granted to {holder}"}
    assert decided.allowed(decided.identity("ada"), "loans.csv", Right.MODIFY, COLUMNS) == {}
    assert decided.allowed(decided.identity("eve"), "loans.csv", Right.VIEW, COLUMNS) == {}


def test_what_narrows_an_identity_narrows_its_rights():
    decided = access(right(Holder("user", "ada"), "*"), ada=("engineer",))
    ada = decided.identity("ada")
    narrowed = Identity(ada.id, ada.name, ada.roles, ada.permissions, narrowed_to=("predict",))
    assert decided.allowed(narrowed, "loans.csv", Right.VIEW, COLUMNS) == {}
    wide = Identity(ada.id, ada.name, ada.roles, ada.permissions, narrowed_to=("data.*",))
    assert set(decided.allowed(wide, "loans.csv", Right.VIEW, COLUMNS)) == set(COLUMNS)


def test_everybody_who_may_do_something_is_told_with_the_reason():
    decided = access(right(Holder("user", "ada"), "age", modify=("*",)), ada=("viewer",), bob=("analyst",), eve=())
    told = {str(one.holder): (set(one.view), set(one.modify)) for one in decided.holders("loans.csv", COLUMNS)}
    assert told == {
        "user ada": ({"age"}, {"income", "age"}),
        "user bob": ({"income"}, set()),
        "role analyst": ({"income"}, set()),
        "role engineer": ({"income", "age"}, {"income", "age"}),
    }


def test_who_is_not_there_is_told_so():
    decided = access(ada=("viewer",))
    assert decided.known(Holder("role", "viewer")) == Holder("role", "viewer")
    for holder in (Holder("user", "viewer"), Holder("role", "ada")):
        with pytest.raises(InputError, match="there is no"):
            decided.known(holder)
    with pytest.raises(InputError, match="no user 'eve'"):
        decided.identity("eve")


def test_a_column_of_an_ordinary_name_reads_as_it_is_written():
    assert resource_of("data/loans 1.csv", "net-income_2") == "data:data/loans%201.csv/net-income_2"


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_no_two_columns_have_one_name(dataset, column, other_dataset, other_column):
    same = resource_of(dataset, column) == resource_of(other_dataset, other_column)
    assert same == ((dataset, column) == (other_dataset, other_column))


@pytest.mark.parametrize(
    ("one", "other"), [(("a", "b/c"), ("a/b", "c")), (("a", "b%2Fc"), ("a", "b/c")), (("a", "*"), ("a", "%2A"))]
)
def test_names_that_run_together_do_not_meet(one, other):
    assert resource_of(*one) != resource_of(*other)
