"""The orders survive their journey to the child."""

from pathlib import Path

from secmlops.training.sandbox.isolation import Requirement
from secmlops.training.sandbox.plan import MECHANISMS, Plan


def test_round_trip() -> None:
    requirement = Requirement(seconds=1.5, accept=("no-landlock",))
    plan = Plan("a:b", Path("/s"), Path("/c"), 7, requirement, (Path("/lib"),), MECHANISMS[1:])
    assert Plan.from_json(plan.to_json()) == plan


def test_only_the_two_folders_are_writable() -> None:
    plan = Plan("a:b", Path("/s"), Path("/c"), 7, Requirement(), ())
    assert plan.writable == (Path("/s/out"), Path("/s/tmp"))
