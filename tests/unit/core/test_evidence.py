import dataclasses
import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import ControlRef, Evidence, Outcome, Price
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBJECT = Subject(SubjectKind.MODEL, "credit", Digest.of(b"model"))


def evidence(measures: dict[str, float], at: datetime = NOW) -> Evidence:
    control = ControlRef("assurance.performance", "1", Digest.of(b"{}"))
    return Evidence(control, Stage.ASSURANCE, SUBJECT, Outcome.PASSED, at, measures)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_measure_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(InputError, match="measure auc is"):
        evidence({"accuracy": 0.9, "auc": value})


@pytest.mark.parametrize("at", [NOW.replace(tzinfo=None), NOW.astimezone(timezone(timedelta(hours=1)))])
def test_a_moment_that_is_not_in_utc_is_refused(at: datetime) -> None:
    with pytest.raises(InputError, match="UTC"):
        evidence({}, at)


def test_evidence_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        evidence({}).outcome = Outcome.FAILED  # type: ignore[misc]


def test_subjects_are_shown_by_name_and_told_apart_by_digest() -> None:
    assert str(SUBJECT) == f"model credit ({Digest.of(b'model').short})"
    assert dataclasses.replace(SUBJECT, digest=Digest.of(b"other")) != SUBJECT


def test_prices_add_up_and_peaks_do_not() -> None:
    both = Price(1.0, 0.5, 100, 7) + Price(2.0, 0.25, 60, 3)
    assert both == Price(3.0, 0.75, 100, 10)
