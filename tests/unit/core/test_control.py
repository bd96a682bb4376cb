from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from secmlops.core.control import Examination, has_acted, reduced_threats
from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class Older:
    """A control as packages wrote it before there was more to declare."""

    id: ClassVar[str] = "data.older"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ("owasp-ml:ML02",)

    def examine(self, artifact: object, /) -> Examination:
        return Examination.judged(())


@dataclass(frozen=True, slots=True)
class Protecting(Older):
    reduces: ClassVar[tuple[str, ...]] = ("owasp-ml:ML03",)
    acts_on: ClassVar[str] = "cells"


def measured(**measures: float) -> Evidence:
    control = ControlRef("data.older", "1", Digest.of(b""))
    subject = Subject(SubjectKind.DATASET, "rows", Digest.of(b"rows"))
    return Evidence(control, Stage.DATA, subject, Outcome.PASSED, datetime(2026, 1, 1, tzinfo=UTC), measures)


def test_what_a_control_reduces_may_be_left_out() -> None:
    assert reduced_threats(Older()) == ()
    assert reduced_threats(Protecting()) == ("owasp-ml:ML03",)


@pytest.mark.parametrize(
    ("control", "evidence", "acted"),
    [
        (Older(), measured(), True),
        (Protecting(), measured(cells=3), True),
        (Protecting(), measured(cells=0), False),
        (Protecting(), measured(), False),
    ],
)
def test_evidence_of_what_had_nothing_to_act_on_answers_nothing(
    control: Older, evidence: Evidence, acted: bool
) -> None:
    assert has_acted(control, evidence) is acted


@pytest.mark.parametrize(
    ("severities", "outcome"),
    [
        ([], Outcome.PASSED),
        ([Severity.NOTE, Severity.WARNING], Outcome.PASSED),
        ([Severity.WARNING, Severity.ERROR, Severity.NOTE], Outcome.FAILED),
    ],
)
def test_an_error_fails_and_nothing_else_does(severities: list[Severity], outcome: Outcome) -> None:
    findings = tuple(Finding("rule", severity, "something") for severity in severities)
    assert Examination.judged(findings).outcome is outcome


def test_an_examination_keeps_what_it_was_given() -> None:
    made = Examination.judged((), {"rows": 3.0}, {"report": b"{}"}, {"data": Digest.of(b"rows")})
    assert made.measures == {"rows": 3.0}
    assert made.products == {"report": b"{}"}
    assert made.materials == {"data": Digest.of(b"rows")}
