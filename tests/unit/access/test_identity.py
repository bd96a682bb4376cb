"""Identities: what is not allowed is denied, and asking often costs neither time nor memory."""

from secmlops.access.identity import _REMEMBERED, Identity
from secmlops.access.permissions import Action, Permission
from secmlops.access.roles import BUILT_IN


def identity(*permissions, **narrowing):
    return Identity("key:0123456789ab", "ada", frozenset(), tuple(map(Permission.read, permissions)), **narrowing)


def test_nobody_may_anything_by_default():
    nobody = identity()
    assert not any(nobody.may(action, resource) for action in Action for resource in ("model:x", "*", ""))


def test_what_a_permission_says_and_nothing_else_is_allowed_however_often_it_is_asked():
    ada = identity("predict model:credit-*", "data.read data:loans/*")
    for _ in range(3):
        assert ada.may(Action.PREDICT, "model:credit-risk")
        assert ada.may(Action.RECEIPT, "model:credit-risk")
        assert ada.may("data.read", "data:loans/income")
        assert not ada.may(Action.PREDICT, "model:other")
        assert not ada.may(Action.READ, "model:credit-risk")
        assert not ada.may("data.write", "data:loans/income")


def test_scopes_narrow_actions_and_models_narrow_models_only():
    ada = identity("* *", narrowed_to=("predict", "data.*"), models=("credit-*", "fraud"))
    assert ada.may(Action.PREDICT, "model:credit-risk")
    assert ada.may(Action.PREDICT, "model:fraud")
    assert ada.may(Action.RECEIPT, "model:fraud")
    assert ada.may("data.read", "data:loans")
    assert not ada.may(Action.PREDICT, "model:fraud-2")
    assert not ada.may(Action.READ, "model:fraud")


def test_narrowing_never_adds():
    ada = identity("read model:a", narrowed_to=("*",), models=("*",))
    assert not ada.may(Action.PREDICT, "model:a")
    assert not ada.may(Action.READ, "model:b")


def test_what_is_remembered_is_bounded():
    ada = identity("predict model:a*")
    for number in range(3 * _REMEMBERED):
        assert ada.may(Action.PREDICT, f"model:a{number}")
    assert not ada.may(Action.PREDICT, "model:" + "b" * 10_000)
    assert len(ada._decided) == _REMEMBERED


def test_two_identities_are_the_same_whatever_they_were_asked():
    one, other = identity("read model:*"), identity("read model:*")
    one.may("read", "model:x")
    assert one == other


def test_no_built_in_role_may_do_everything_and_no_builder_approves():
    everything = {name for name, ps in BUILT_IN.items() if any(p.action == "*" for p in ps)}
    assert everything == set()
    may = {name: Identity("", "", permissions=ps) for name, ps in BUILT_IN.items()}
    assert {n for n, i in may.items() if i.may(Action.MODEL_APPROVE, "model:x")} == {"validator"}
    assert {n for n, i in may.items() if i.may(Action.MODEL_TRAIN, "model:x")} == {"engineer"}
    assert {n for n, i in may.items() if i.may(Action.ACCESS_MANAGE, "access:x")} == {"admin"}
    assert {n for n, i in may.items() if i.may(Action.PREDICT, "model:x")} == {"caller", "engineer", "validator"}
    assert {n for n, i in may.items() if i.may(Action.READ, "model:x")} == set(BUILT_IN)
