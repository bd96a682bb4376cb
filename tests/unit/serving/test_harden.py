"""Hardened outputs: to whom which setting applies."""

import numpy as np

from secmlops.access.identity import Identity
from secmlops.runtime.hardening import Hardening
from secmlops.serving.harden import EVERYONE, STRICTEST, hardening_for


def never(outputs: int) -> np.ndarray:
    raise AssertionError("no noise was asked for")


def test_a_client_under_suspicion_is_told_the_least() -> None:
    assert STRICTEST.apply(np.array([[0.2, 0.5, 0.3]]), never).tolist() == [[0, 1, 0]]
    assert STRICTEST.apply(np.array([[1234.567]]), never).tolist() == [[1235.0]]


def test_it_is_by_role_and_else_for_everyone() -> None:
    few, many, all_others = Hardening(digits=1), Hardening(digits=3), Hardening(label_only=True)
    outputs = {"caller": few, "engineer": many}

    def of(*roles: str, everyone: bool = True) -> Hardening | None:
        found = {**outputs, EVERYONE: all_others} if everyone else outputs
        return hardening_for(Identity("key:1", "ada", frozenset(roles)), found)

    assert of("caller") is few
    assert of("engineer", "viewer") is many
    assert of("viewer") is all_others
    assert of() is all_others
    assert of("viewer", everyone=False) is None
    assert of("engineer", "caller") is few
    assert hardening_for(Identity("key:1", "ada"), {}) is None
