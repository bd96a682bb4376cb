from collections.abc import Callable
from dataclasses import replace

import pytest

from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.report.material import ReportMaterial, Rules
from secmlops.report.sections.personal import personal_view
from secmlops.trust.canonical import canonical_json

Saying = Callable[..., ReportMaterial]


def test_what_was_done_to_each_column(released: ReportMaterial) -> None:
    view = personal_view(released)
    assert [(c.column, c.action, c.mark.word) for c in view.columns] == [
        ("email", "removed", "done"),
        ("city", "kept as it is, accepted by name", "kept"),
    ]
    assert view.sentence.startswith("The search found personal data in 2 columns; each is protected")
    assert "54,000" in [row.value for row in view.measures]


def test_protection_that_did_not_pass_is_only_asked_for(saying: Saying) -> None:
    view = personal_view(saying("data.protect", {}, Finding("x", Severity.ERROR, "m")))
    assert view.columns[0].mark.word == "asked for, not done yet"


def test_an_unprotected_column_is_named(saying: Saying) -> None:
    finding = Finding("personal.unprotected", Severity.ERROR, "email in 99% of the cells", "column 'mail'")
    view = personal_view(saying("data.personal", {"personal_columns": 3.0, "unprotected_columns": 1.0}, finding))
    assert [(c.column, c.found, c.mark.word) for c in view.columns][-1] == (
        "column 'mail'", "email in 99% of the cells", "not protected",
    )  # fmt: skip
    assert "Without protection: 1." in view.sentence


def test_what_was_found_in_a_kept_column_is_told_beside_it(saying: Saying) -> None:
    finding = Finding("personal.accepted", Severity.NOTE, "place in 50% of the cells", "column 'city'")
    columns = personal_view(saying("data.personal", {"personal_columns": 1.0}, finding)).columns
    assert [(c.column, c.found) for c in columns] == [("email", ""), ("city", "place in 50% of the cells")]


@pytest.mark.parametrize("outcome", [Outcome.ERRORED, Outcome.SKIPPED])
def test_a_search_that_gave_nothing_is_not_a_clean_one(saying: Saying, outcome: Outcome) -> None:
    assert personal_view(saying("data.personal", {}, outcome=outcome)).sentence.startswith("The data have not been")


def test_a_clean_search_still_says_that_it_can_miss(saying: Saying) -> None:
    view = personal_view(replace(saying("data.personal", {"personal_columns": 0.0}), rules=Rules()))
    assert "can miss" in view.sentence
    assert view.columns == ()


CLASSES = {"classes": 63.0, "k": 7.0, "persons": 5.0, "prosecutor_risk": 0.2, "penalty": 0.41}


def anonymised(saying: Saying, *findings: Finding) -> ReportMaterial:
    material = saying("data.protect", CLASSES, *findings)
    protect = next(c for c in material.controls if c.control == "data.protect")
    assert protect.evidence is not None
    said = replace(protect.evidence, control=replace(protect.evidence.control, id="data.anonymise"))
    standing = replace(protect, control="data.anonymise", evidence=said)
    data = next(stage for stage in material.standings if protect in stage.controls)
    stages = tuple(replace(s, controls=(*s.controls, standing)) if s is data else s for s in material.standings)
    products = {**material.products, ("data.anonymise", "loss"): canonical_json({"city": 0.41})}
    return replace(material, standings=stages, products=products)


def test_classes_are_told_and_drawn_and_their_columns_are_no_longer_as_they_were(saying: Saying) -> None:
    view = personal_view(anonymised(saying))
    assert view.anonymity == (
        "Every class of the table that is learnt from has at least 7 rows, and belongs to at least 5 persons."
    )
    assert [picture.svg != "" for picture in view.pictures] == [True, True]
    assert [(c.column, c.action, c.mark.word) for c in view.columns][-1] == (
        "city", "made coarser until no row stands alone", "done",
    )  # fmt: skip
    assert "20 %" in [row.value for row in view.measures]


def test_classes_that_were_not_let_through_are_not_praised(saying: Saying) -> None:
    view = personal_view(anonymised(saying, Finding("anonymise.identifier", Severity.ERROR, "m")))
    assert "It was not let through" in view.anonymity


def test_where_nobody_asked_for_classes_nothing_is_told_of_them(released: ReportMaterial) -> None:
    view = personal_view(released)
    assert (view.anonymity, view.pictures) == ("", ())
