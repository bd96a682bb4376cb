"""What every control must keep, as checks for the tests of whoever writes one."""

import dataclasses
import math
import re
from typing import Any, TypeVar

from secmlops.core.control import Control, Examination
from secmlops.core.errors import VerificationError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.design.catalogue import catalogue
from secmlops.trust.canonical import digest_of

A = TypeVar("A")

_ID = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")
_MEASURE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


def check_control_class(kind: type[Control[Any]]) -> None:
    """Check what a class promises before it has seen anything; raises VerificationError with what it breaks.

    It is a frozen dataclass whose settings all have defaults and can be digested; its id is ``stage.name``; the
    threats it declares are in the catalogue.
    """
    name, declared = kind.__name__, (*kind.threats, *getattr(kind, "reduces", ()))
    _require(dataclasses.is_dataclass(kind), f"{name} is no dataclass")
    _require(kind.__dataclass_params__.frozen, f"{name} is not frozen")  # type: ignore[attr-defined]
    _require(bool(_ID.fullmatch(kind.id)), f"{kind.id!r} is not of the form stage.name")
    _require(kind.id.startswith(f"{kind.stage}."), f"{kind.id} is not of its stage")
    _require(bool(kind.version), f"{kind.id} has no version")
    _require(not catalogue().unknown(declared), f"{kind.id} declares threats that the catalogue does not know")
    settings: Any = kind()
    digest_of(dataclasses.asdict(settings))


def check_control(control: Control[A], artifact: A) -> Examination:
    """Let ``control`` examine ``artifact`` twice and check what it says; returns the examination.

    The same artifact and settings give the same result; measures have plain names and finite values; an examination
    that did not pass says why in an error finding. Raises VerificationError with what is broken.
    """
    check_control_class(type(control))
    first, second = control.examine(artifact), control.examine(artifact)
    _require(_steady(first) == _steady(second), f"{control.id} says something else the second time")
    for measure, value in first.measures.items():
        _require(bool(_MEASURE.fullmatch(measure)), f"{measure!r} cannot name a measure")
        _require(math.isfinite(value), f"{control.id}.{measure} is {value}")
    explained = first.outcome is Outcome.PASSED or any(f.severity is Severity.ERROR for f in first.findings)
    _require(explained, f"{control.id} is {first.outcome} without an error finding that says why")
    return first


def _steady(examination: Examination) -> tuple[object, ...]:
    return (examination.outcome, examination.findings, dict(examination.measures), dict(examination.products))


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise VerificationError(what)
