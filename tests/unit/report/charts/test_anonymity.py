from dataclasses import replace

import pytest

from secmlops.core.evidence import Evidence
from secmlops.report.charts.anonymity import ACCEPTED, detail_lost, penalties, risk_left
from secmlops.report.material import ReportMaterial
from secmlops.trust.canonical import canonical_json

RISKS = {"prosecutor_risk": 0.1, "journalist_risk": 0.05, "marketer_risk": 0.031}


@pytest.fixture
def evidence(released: ReportMaterial) -> Evidence:
    return replace(released.evidence["data.protect"], measures=RISKS)


def test_the_three_risks_stand_beside_the_one_that_is_commonly_accepted(evidence: Evidence) -> None:
    picture = risk_left(evidence)
    assert [(row[0], row[2]) for row in picture.rows] == [
        ("prosecutor", "10 %"),
        ("journalist", "5 %"),
        ("marketer", "3.1 %"),
    ]
    assert "commonly accepted 20 %" in picture.svg
    assert ACCEPTED == 0.2


def test_a_risk_that_was_not_measured_is_not_drawn(evidence: Evidence) -> None:
    assert risk_left(replace(evidence, measures={})).svg == ""


def test_what_was_lost_is_drawn_by_column_the_most_first() -> None:
    picture = detail_lost(canonical_json({"age": 0.1, "<city>": 0.6}))
    assert picture.rows == (("<city>", "60 %"), ("age", "10 %"), ("all of them", "35 %"))
    assert "<city>" not in picture.svg


@pytest.mark.parametrize("product", [None, b"", b"{", b"[1]", b'{"age": "much"}'])
def test_penalties_that_cannot_be_read_are_none(product: bytes | None) -> None:
    assert penalties(product) == {}
    assert detail_lost(product).svg == ""
