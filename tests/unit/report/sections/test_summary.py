from dataclasses import replace

from secmlops.report.material import ReportMaterial, Rules
from secmlops.report.sections.summary import summary


def test_the_project_in_a_few_numbers(released: ReportMaterial) -> None:
    rest = len(released.threats.threats) - 3
    assert [(row.value, row.label, row.interval) for row in summary(released)] == [
        ("9 of 9", "controls passed", ""),
        ("0.800", "AUC", "0.770 to 0.830; required: auc >= 0.74"),
        (f"1 of {len(released.threats.threats)}", "threats answered by evidence", f"1 more in part, {rest} open"),
        ("2 of 2", "checks of the release hold", ""),
        ("2.5 s", "of time added by security", "beside 9.5 s of training"),
    ]


def test_what_did_not_happen_is_not_counted(released: ReportMaterial) -> None:
    bare = replace(released, standings=(), checks=())
    assert [row.value for row in summary(bare)] == ["0 of 0", f"1 of {len(released.threats.threats)}"]


def test_a_metric_without_a_condition_says_so(released: ReportMaterial) -> None:
    (told,) = [row.interval for row in summary(replace(released, rules=Rules())) if row.label == "AUC"]
    assert told == "0.770 to 0.830; the release sets no condition on it"
