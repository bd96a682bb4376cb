"""The charts drawn from the measures of assurance.performance: metrics and class balance."""

from dataclasses import replace
from xml.etree.ElementTree import fromstring

from secmlops.core.task import Task
from secmlops.report.charts.balance import balance
from secmlops.report.charts.metrics import metrics
from secmlops.report.material import ReportMaterial


def test_metrics_show_interval_guess_and_requirement(released: ReportMaterial) -> None:
    picture = metrics(released.evidence["assurance.performance"], released.rules.require)
    assert picture.rows == (
        ("AUC", "0.800", "0.770 to 0.830", "0.500", ">= 0.74"),
        ("Brier score (low is good)", "0.120", "0.110 to 0.130", "", ""),
    )
    tree = fromstring(picture.svg)
    dots = [float(e.attrib["cx"]) for e in tree.findall("circle")][:2]
    assert dots[0] > dots[1]


def test_metrics_that_were_not_measured() -> None:
    assert metrics(None, {}).svg == ""


def test_a_metric_below_zero_widens_the_axis(released: ReportMaterial) -> None:
    evidence = released.evidence["assurance.performance"]
    worse = replace(evidence, measures={"r2": -0.7, "r2_low": -0.9, "r2_high": -0.5})
    tree = fromstring(metrics(worse, {}).svg)
    assert "-1.0" in {e.text for e in tree.findall("text")}


def test_events_among_the_rows(released: ReportMaterial) -> None:
    picture = balance(released.evidence["assurance.performance"], Task.BINARY)
    assert picture.rows == (("event", "286", "19.1 %"), ("no event", "1,214", "80.9 %"))


def test_the_commonest_class_among_many(released: ReportMaterial) -> None:
    evidence = replace(released.evidence["assurance.performance"], measures={"rows": 200.0, "baseline_accuracy": 0.25})
    assert balance(evidence, Task.MULTICLASS).rows[0][1:] == ("50", "25 %")


def test_what_has_no_classes_is_not_drawn(released: ReportMaterial) -> None:
    evidence = released.evidence["assurance.performance"]
    assert "quantity" in balance(evidence, Task.REGRESSION).caption
    assert balance(None, Task.BINARY).svg == ""
    assert balance(replace(evidence, measures={"rows": 5.0}), Task.BINARY).svg == ""
