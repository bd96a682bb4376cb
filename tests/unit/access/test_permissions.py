"""Permissions: exactly what they say, by name or by the beginning of a name."""

import pytest

from secmlops.access.permissions import Action, Permission, allows_action, check_action, check_resource, fits
from secmlops.core.errors import InputError


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("model:credit", "model:credit", True), ("model:credit", "model:credit-2", False), ("model:credit", "", False),
        ("model:credit-*", "model:credit-2", True), ("model:credit-*", "model:credit", False),
        ("model:*", "model:", True), ("model:*", "data:model:x", False), ("*", "anything", True), ("*", "", True),
        ("model:[a-z]", "model:a", False), ("model:?", "model:a", False), ("model:.", "model:a", False),
        ("model:credit*", "MODEL:CREDIT", False), ("model:*-risk", "model:credit-risk", False),
    ],
)  # fmt: skip
def test_a_pattern_stands_for_itself_or_for_what_begins_like_it(pattern, text, expected):
    assert fits(pattern, text) is expected


def test_a_permission_needs_both_action_and_resource():
    permission = Permission.read("predict model:credit-*")
    assert permission.allows(Action.PREDICT, "model:credit-risk")
    assert not permission.allows(Action.READ, "model:credit-risk")
    assert not permission.allows(Action.PREDICT, "model:other")
    assert str(permission) == "predict model:credit-*"


def test_who_may_predict_may_fetch_their_receipts_but_not_the_other_way_round():
    assert allows_action("predict", Action.RECEIPT)
    assert not allows_action("receipt", Action.PREDICT)
    assert not allows_action("predict", Action.EXPLAIN)


@pytest.mark.parametrize(
    "text",
    [
        "predict", "predict ", "predcit model:*", "predict model:* more", "", " ", "PREDICT *", "data..read *",
        "data.read.*.x *", "* *x", "predict *:model", "predict mod el", "predict model:\u202ex", "*.read *",
        "a" * 70 + ".b *", "predict " + "m" * 201,
    ],
)  # fmt: skip
def test_what_is_no_permission_is_refused(text):
    with pytest.raises(InputError):
        Permission.read(text)


@pytest.mark.parametrize("text", ["data.read data:applications/income", "data.* data:*", "* *", "console.page-view *"])
def test_actions_of_other_rooms_and_patterns_are_taken(text):
    assert str(Permission.read(text)) == text


@pytest.mark.parametrize("action", Action)
def test_every_known_action_can_be_named(action):
    check_action(action)
    assert hash(action) == hash(str(action))


def test_resources_are_plain():
    check_resource("model:credit-risk")
    with pytest.raises(InputError, match="no resource"):
        check_resource("model:a\n")
