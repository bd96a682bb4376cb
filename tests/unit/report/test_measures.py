import re
from dataclasses import replace

import pytest

from secmlops.core.task import Task
from secmlops.lifecycle.measures import measured
from secmlops.report.material import ReportMaterial
from secmlops.report.measures import COUNTS_MOST, KNOWN, glossary, label_of, meaning_of, measure_rows


def test_an_interval_stands_with_its_measure_and_nothing_is_left_out(released: ReportMaterial) -> None:
    most, others = measure_rows(released.evidence["assurance.performance"])
    assert (most[0].label, most[0].value, most[0].interval) == ("AUC", "0.800", "0.770 to 0.830")
    assert sorted(r.name for r in (*most, *others)) == ["auc", "baseline_auc", "brier", "events", "rows"]


def test_measures_of_an_unknown_control_are_all_shown(released: ReportMaterial) -> None:
    evidence = released.evidence["assurance.performance"]
    plugin = replace(
        evidence,
        control=replace(evidence.control, id="assurance.plugin"),
        measures={f"odd_measure_{i}": float(i) for i in range(6)} | {"half_low": 1.0},
    )
    most, others = measure_rows(plugin)
    assert [r.label for r in most] == [f"odd measure {i}" for i in range(4)]
    assert [r.name for r in others] == ["odd_measure_4", "odd_measure_5", "half_low"]


def test_a_known_control_without_its_usual_measures_shows_what_it_has(released: ReportMaterial) -> None:
    evidence = replace(released.evidence["release.sign"], measures={"other": 1.0})
    assert [r.name for r in measure_rows(evidence)[0]] == ["other"]


def test_the_measure_of_a_guess_is_named_after_the_measure() -> None:
    assert label_of("baseline_auc") == "AUC, of a guess"
    assert label_of("baseline_unheard_of") == "baseline unheard of"
    assert meaning_of("missing_share").write(0.5) == "50 %"


def test_what_hardened_outputs_do_is_named_after_the_setting() -> None:
    assert label_of("unchanged.membership_auc") == "training rows told from others, AUC"
    assert label_of("label_only.membership_auc") == "training rows told from others, AUC, outputs label only"
    assert meaning_of("strong_noise.changed_labels").write(0.5) == "50 %"


def test_the_glossary_explains_what_occurs_and_nothing_else(released: ReportMaterial) -> None:
    labels = [m.label for m in glossary(released.evidence.values())]
    assert "AUC" in labels
    assert "R squared" not in labels
    assert labels == sorted(labels, key=str.lower)


def test_every_measure_that_counts_most_is_explained() -> None:
    names = {re.sub(r"_at_[\d.]+$", "", name) for most in COUNTS_MOST.values() for name in most}
    assert not names - KNOWN.keys()


@pytest.mark.parametrize("control", ["assurance.explain", "assurance.guard", "assurance.watch"])
def test_every_measure_of_what_guards_explains_and_watches_is_explained(control: str) -> None:
    names = set(measured(control, Task.BINARY))
    assert names
    assert names <= KNOWN.keys()
