"""Mechanisms are put in force one by one, and what fails is written down rather than hidden."""

from pathlib import Path

from secmlops.training.sandbox import child
from secmlops.training.sandbox.isolation import Requirement
from secmlops.training.sandbox.plan import Plan

PLAN = Plan("a:b", Path("/s"), Path("/c"), 1, Requirement(), (), ("limits", "seccomp"))


def test_a_mechanism_that_works_leaves_no_trouble() -> None:
    troubles: dict[str, str] = {}
    assert child._apply("limits", PLAN, troubles, lambda: None)
    assert troubles == {}


def test_a_refusal_of_the_kernel_is_written_down() -> None:
    def refuse() -> None:
        raise PermissionError(1, "Operation not permitted")

    troubles: dict[str, str] = {}
    assert not child._apply("seccomp", PLAN, troubles, refuse)
    assert troubles == {"seccomp": "Operation not permitted"}


def test_a_mechanism_left_out_is_named_and_not_tried() -> None:
    troubles: dict[str, str] = {}
    assert not child._apply("landlock", PLAN, troubles, lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    assert troubles == {"landlock": "switched off"}
