"""The built-in roles: their words are known, and nobody has more than their duty."""

import pytest

from secmlops.access.permissions import Action, Permission, check_action, check_resource
from secmlops.access.roles import BUILT_IN, CALLER


def test_the_built_in_roles_are_these():
    expected = {"viewer", "caller", "engineer", "revealer", "validator", "security", "operator", "auditor", "admin"}
    assert set(BUILT_IN) == expected
    assert CALLER in BUILT_IN


@pytest.mark.parametrize("role", BUILT_IN)
def test_every_permission_of_a_role_could_be_written_by_hand(role):
    for permission in BUILT_IN[role]:
        check_action(permission.action)
        check_resource(permission.resource)
        assert Permission.read(str(permission)) == permission


@pytest.mark.parametrize("role", ["viewer", "operator", "auditor", "security", "admin"])
def test_who_only_watches_or_administers_sees_no_data_and_asks_no_model(role):
    allowed = BUILT_IN[role]
    for action in (Action.PREDICT, Action.EXPLAIN, Action.RECEIPT, Action.DATA_READ, Action.DATA_WRITE):
        assert not any(p.allows(action, r) for p in allowed for r in ("model:x", "data:x", "data:x/y"))


def test_only_one_built_in_role_reverses_pseudonyms_and_it_reads_no_data():
    def may(action):
        return {name for name, allowed in BUILT_IN.items() if any(p.allows(action, "data:x/y") for p in allowed)}

    assert may(Action.DATA_REVEAL) == {"revealer"}
    assert may(Action.DATA_READ) == {"engineer"}
