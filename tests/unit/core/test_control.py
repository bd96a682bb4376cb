import pytest

from secmlops.core.control import Examination
from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity


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
