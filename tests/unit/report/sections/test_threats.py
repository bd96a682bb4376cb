from dataclasses import replace

import msgspec

from secmlops.design.coverage import State
from secmlops.report.material import ReportMaterial
from secmlops.report.sections.threats import framework_views, threat_picture


def test_every_threat_is_counted_once_open_ones_first(released: ReportMaterial) -> None:
    views = framework_views(released.threats)
    assert [v.name for v in views] == ["STRIDE", "MITRE ATLAS", "OWASP ML Top 10", "NIST AI 100-2"]
    assert sum(sum(v.counts) for v in views) == len(released.threats.threats)
    stride = views[0]
    assert stride.counts == (1, 2, 3)
    assert [t.covered.state for t in stride.threats][-1] is State.EVIDENCE
    assert [t.covered.state for t in stride.threats][-3:-1] == [State.CONFIGURATION, State.PARTLY]
    assert stride.threats[0].covered.state is State.NONE


def test_the_picture_has_the_same_counts(released: ReportMaterial) -> None:
    picture = threat_picture(framework_views(released.threats))
    assert picture.rows[0] == ("STRIDE", "1", "2", "3")
    assert "STRIDE: answered 1, in part or on paper only 2, open 3" in picture.svg


def test_no_threat_no_picture(released: ReportMaterial) -> None:
    nothing = framework_views(replace(released.threats, threats=()))
    assert nothing == ()
    assert threat_picture(nothing).svg == ""


def test_an_unknown_framework_keeps_its_prefix(released: ReportMaterial) -> None:
    first = released.threats.threats[0]
    other = replace(first, covered=replace(first.covered, threat=msgspec.structs.replace(first.threat, id="house:T1")))
    assert [v.name for v in framework_views(replace(released.threats, threats=(other,)))] == ["house"]
