import json
from dataclasses import replace

import numpy as np
import pytest

from kits.poison_world import examples, prepared
from secmlops.attack.poisoning.backdoor import Trigger, plant
from secmlops.attack.poisoning.influence import duplicate, poison_source
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.poisoning.poisoning import Poisoning
from secmlops.runtime.examples import Examples
from secmlops.testing import check_control

GIVEN = examples(1_500, noise=0.2)
SOURCES = np.random.default_rng(4).integers(5, size=1_500)


def test_the_control_keeps_the_contract_and_an_honest_table_passes() -> None:
    examination = check_control(Poisoning(), prepared(GIVEN))
    assert examination.outcome is Outcome.PASSED
    assert examination.findings == ()
    assert examination.measures["examined_rows"] == 1_500
    assert not any(value for name, value in examination.measures.items() if name != "examined_rows")
    assert json.loads(examination.products["suspicious_rows"]) == {"copies": [], "sources": [], "triggers": []}


def test_a_planted_trigger_fails_with_its_columns_and_rows() -> None:
    poisoned = plant(GIVEN, Trigger({3: 3.25}, {0: "east"}), 1, 0.03, np.random.default_rng(1))
    examination = Poisoning().examine(prepared(poisoned.examples))
    assert examination.outcome is Outcome.FAILED
    first = examination.findings[0]
    assert (first.rule, first.severity) == ("poisoning.trigger", Severity.ERROR)
    assert "'burden'" in first.where
    assert "3.25" not in str(examination.findings)
    listed = np.array(json.loads(examination.products["suspicious_rows"])["triggers"]) - 1
    assert np.isin(np.flatnonzero(poisoned.bad), listed).all()
    assert len(listed) < 60
    assert examination.measures["triggers"] >= 1
    assert examination.measures["trigger_support"] == pytest.approx(0.03, abs=0.005)
    assert examination.measures["trigger_success"] > 0.5


def test_a_trigger_that_turns_few_rows_is_a_warning() -> None:
    poisoned = plant(GIVEN, Trigger({3: 3.25}), 1, 0.03, np.random.default_rng(1))
    examination = replace(Poisoning(), success_error=1.1).examine(prepared(poisoned.examples))
    assert {finding.severity for finding in examination.findings} == {Severity.WARNING}
    assert examination.outcome is Outcome.PASSED


def test_copies_that_weigh_are_a_warning() -> None:
    poisoned = duplicate(GIVEN, 0.016, 5, np.random.default_rng(2))
    examination = replace(Poisoning(), support=0.05).examine(prepared(poisoned.examples))
    assert [finding.rule for finding in examination.findings] == ["poisoning.copies"]
    assert examination.measures["weighty_copies"] >= 10


@pytest.mark.parametrize(
    ("name", "told"), [("west", "source 'west'"), ("ann.lee@example.com", "source 1 of those that are suspicious")]
)
def test_a_source_that_disagrees_is_a_warning_that_names_it(name: str, told: str) -> None:
    poisoned = poison_source(GIVEN, SOURCES, 2, 0.5, np.random.default_rng(1)).examples
    names = np.array(["north", "east", name, "south", "centre"], object)[SOURCES]
    examination = Poisoning(support=0.05).examine(replace(prepared(poisoned), sources=names))
    assert [(finding.rule, finding.where) for finding in examination.findings] == [("poisoning.source", told)]
    assert (examination.measures["sources"], examination.measures["suspicious_sources"]) == (5, 1)
    assert examination.measures["source_influence"] > 0
    listed = np.array(json.loads(examination.products["suspicious_rows"])["sources"]) - 1
    assert set(SOURCES[listed].tolist()) == {2}


def test_a_quantity_is_not_examined_and_says_so() -> None:
    quantity = Examples(GIVEN.inputs, np.linspace(0, 1, 1_500))
    examination = Poisoning().examine(prepared(quantity, Task.REGRESSION))
    assert [finding.rule for finding in examination.findings] == ["poisoning.not-examined"]
    assert examination.outcome is Outcome.SKIPPED
    accepted = Poisoning(accept_unexamined=True).examine(prepared(quantity, Task.REGRESSION))
    assert accepted.outcome is Outcome.PASSED
    assert examination.measures[Poisoning.acts_on] == 0
