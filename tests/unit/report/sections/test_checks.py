from collections.abc import Callable
from dataclasses import replace

import pytest

from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.lifecycle.survey import ControlStanding, Standing
from secmlops.report.marks import check_mark, mark_of
from secmlops.report.material import ReportMaterial
from secmlops.report.sections.checks import by_severity, stage_views


def test_every_stage_and_control_is_there_in_order(released: ReportMaterial) -> None:
    views = stage_views(released)
    assert [v.stage for v in views] == [s.stage for s in released.standings]
    assert [c.control for v in views for c in v.controls] == [c.control for c in released.controls]
    assert all(v.question and v.mark.word == "open" for v in views)


def test_the_place_in_the_ledger_is_told_where_it_is_known(released: ReportMaterial) -> None:
    spoken = {c.control: c.spoken for v in stage_views(released) for c in v.controls}
    assert spoken["release.sign"].place.index == 17
    assert spoken["data.personal"].place is None


def test_findings_come_worst_first_and_long_lists_fold() -> None:
    findings = [Finding("n", Severity.NOTE, str(i)) for i in range(5)] + [Finding("e", Severity.ERROR, "bad")]
    errors, notes = by_severity(findings)
    assert (errors.severity, errors.folded) == (Severity.ERROR, False)
    assert (notes.severity, notes.folded, len(notes.items)) == (Severity.NOTE, True, 5)


def test_advice_that_all_share_is_given_once() -> None:
    alike = [Finding("r", Severity.NOTE, str(i), hint="do this") for i in range(2)]
    assert by_severity(alike)[0].hint == "do this"
    assert by_severity(alike[:1])[0].hint == ""
    assert by_severity([*alike, Finding("r", Severity.NOTE, "x", hint="do that")])[0].hint == ""


@pytest.mark.parametrize(
    ("standing", "outcome", "word"),
    [
        (Standing.HOLDS, Outcome.PASSED, "passed"),
        (Standing.FAILED, Outcome.FAILED, "failed"),
        (Standing.FAILED, Outcome.ERRORED, "errored"),
        (Standing.FAILED, Outcome.SKIPPED, "skipped"),
        (Standing.TO_RUN, None, "to run"),
        (Standing.WAITING, None, "waiting"),
    ],
)
def test_marks_say_in_a_word_how_a_control_stands(
    released: ReportMaterial, standing: Standing, outcome: Outcome | None, word: str
) -> None:
    evidence = replace(released.evidence["release.sign"], outcome=outcome) if outcome else None
    assert mark_of(ControlStanding("release.sign", standing, "why", evidence)).word == word


def test_a_control_that_did_not_speak_says_why(released: ReportMaterial) -> None:
    data = replace(released.standings[1], controls=(ControlStanding("data.schema", Standing.TO_RUN, "never ran"),))
    (view,) = stage_views(replace(released, standings=(data,)))
    assert (view.controls[0].spoken, view.controls[0].why) == (None, "never ran")


def test_no_two_marks_of_opposite_meaning_share_a_sign() -> None:
    assert check_mark(True).sign != check_mark(False).sign


def test_a_failed_control_shuts_its_stage(saying: Callable[..., ReportMaterial]) -> None:
    views = stage_views(saying("data.schema", {}, Finding("r", Severity.ERROR, "m")))
    assert [v.mark.word for v in views] == ["open", "shut", "open", "open", "open"]
