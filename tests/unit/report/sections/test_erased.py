"""What the page says of erasures and retention: numbers, moments and digests, and nobody's name."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.lifecycle.retention import HeldData
from secmlops.report.material import Certified, ReportMaterial
from secmlops.report.render import render_report
from secmlops.report.sections.erased import COLUMN, ERASURE, RETENTION, erased_view
from secmlops.trust.canonical import digest_of
from secmlops.vault.address import Address

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OBJECT = Address("source", Digest.of(b"source"))


def certified(control: str, index: int, measures: Mapping[str, float], *findings: Finding) -> Certified:
    evidence = Evidence(
        control=ControlRef(control, "1", digest_of({})),
        stage=Stage.DATA,
        subject=Subject(SubjectKind.DATASET, "source", Digest.of(b"source")),
        outcome=Outcome.FAILED if measures.get("left_objects") else Outcome.PASSED,
        at=NOW,
        measures=measures,
        findings=findings,
    )
    return Certified(evidence, index, Digest.of(control.encode()))


def held(days: int, certificate: int | None = None) -> HeldData:
    since = NOW - timedelta(days=days)
    left = () if certificate else (OBJECT,)
    return HeldData(OBJECT.digest, since, since + timedelta(days=30), (OBJECT,), left, (), certificate)


def test_an_erasure_tells_which_models_forgot_and_how(released: ReportMaterial) -> None:
    measures = {"rows": 3.0, "destroyed_objects": 7.0, "forgotten_models": 1.0, "revoked_releases": 1.0}
    way = Finding("erasure.models", Severity.NOTE, "1 model forgot: Newton step: bounded")
    view = erased_view(replace(released, certificates=(certified(ERASURE, 41, measures, way),), begun=2))
    (deed,) = view.deeds
    assert deed.told == (
        "3 rows, the keys of 7 stored objects; 1 model forgot: Newton step: bounded; 1 release revoked"
    )
    assert (deed.entry, deed.certificate, deed.mark.word) == (41, Digest.of(ERASURE.encode()).short, "gone")
    assert "1 erasure of a person's data" in view.sentence
    assert "not finished: 2 erasures" in view.sentence


def test_a_column_is_counted_and_neither_it_nor_its_user_is_named(released: ReportMaterial) -> None:
    told = Finding(COLUMN, Severity.NOTE, "destroy by bob: 'iban'")
    page = render_report(replace(released, certificates=(certified(COLUMN, 5, {"columns": 1.0}, told),)))
    assert "its key, and so every copy" in page
    assert "iban" not in page
    assert "bob" not in page


def test_retention_tells_what_is_kept_due_and_gone(released: ReportMaterial) -> None:
    measures = {"destroyed_objects": 2.0, "left_objects": 1.0, "age_days": 40.2, "models": 1.0}
    view = erased_view(
        replace(
            released,
            certificates=(certified(RETENTION, 9, measures),),
            held=(held(10), held(31), held(60, certificate=9)),
            retention="30d",
        )
    )
    assert view.deeds[0].mark.word == "not all is gone"
    assert view.deeds[0].told == "the keys of 2 stored objects, after 40 days; models made of it that stay: 1"
    assert [kept.mark.word for kept in view.kept] == ["kept", "due", "destroyed"]
    assert "Overdue: 1" in view.keeping


def test_a_project_that_erased_nothing_says_so(released: ReportMaterial) -> None:
    view = erased_view(released)
    assert (view.deeds, view.kept) == ((), ())
    assert view.sentence == "Nothing was erased or destroyed so far."
    assert "does not say how long" in view.keeping
