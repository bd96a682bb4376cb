"""Limits as the kernel takes them. They are set in children only: a lowered hard limit never rises again."""

import resource

from secmlops.training.sandbox.isolation import Requirement
from secmlops.training.sandbox.limits import Limits
from secmlops.training.sandbox.run import run_isolated, script


def test_limits_that_are_not_set_do_not_hold() -> None:
    assert not Limits(1 << 20, 1, 1).held()


def test_the_child_sees_every_limit() -> None:
    code = b"""
import json, resource as r
(OUT / 'r').write_text(json.dumps([r.getrlimit(k) for k in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_CORE)]))
"""
    asked = Requirement(memory_bytes=1 << 30, seconds=100, scratch_bytes=1 << 20)
    seen = run_isolated(script(code, r=999), asked).output("r")
    address_space = asked.limits.values()[resource.RLIMIT_AS]
    assert seen.decode() == str([[address_space] * 2, [101, 101], [1 << 20] * 2, [0, 0]])


def test_limits_cannot_be_raised_again() -> None:
    code = b"""
import resource as r
try:
    r.setrlimit(r.RLIMIT_CPU, (r.RLIM_INFINITY, r.RLIM_INFINITY))
except (ValueError, PermissionError) as e:
    (OUT / 'r').write_text('refused')
"""
    assert run_isolated(script(code, r=99), Requirement()).output("r") == b"refused"
