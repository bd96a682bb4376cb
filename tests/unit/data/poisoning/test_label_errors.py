import json
from dataclasses import replace

import numpy as np
import pytest

from kits.poison_world import examples, prepared
from secmlops.attack.poisoning.flips import flip_random
from secmlops.core.control import Examination
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.poisoning.label_errors import LabelErrors, suspicious_labels
from secmlops.runtime.examples import Examples
from secmlops.testing import check_control

GIVEN = examples(1_500, noise=0.1)


def told(examination: Examination) -> dict[str, Severity]:
    return {finding.rule: finding.severity for finding in examination.findings}


def test_the_control_keeps_the_contract_and_honest_labels_pass() -> None:
    examination = check_control(LabelErrors(), prepared(GIVEN))
    assert examination.outcome is Outcome.PASSED
    assert set(told(examination).values()) <= {Severity.NOTE}
    assert examination.measures["examined_rows"] == 1_500
    assert examination.measures["suspicious_slices"] == 0
    assert examination.measures["estimated_label_error_rate"] < 0.1


def test_flipped_labels_are_found_and_listed_by_row() -> None:
    poisoned = flip_random(GIVEN, 0.1, np.random.default_rng(1))
    examination = LabelErrors().examine(prepared(poisoned.examples))
    listed = np.array(json.loads(examination.products["suspicious_labels"])["one_by_one"]) - 1
    hits = poisoned.bad[listed].sum()
    assert 2 * hits / (len(listed) + poisoned.bad.sum()) > 0.75
    first = np.array(json.loads(examination.products["suspicious_labels"])["by_neighbours"]) - 1
    assert np.isin(first, listed).all()
    assert poisoned.bad[first].mean() > poisoned.bad[listed].mean()
    assert examination.measures["suspicious_labels"] == len(listed)
    assert examination.measures["contradicted_by_neighbours"] == len(first)
    assert examination.measures["estimated_label_error_rate"] == pytest.approx(0.13, abs=0.04)


def test_labels_of_a_slice_are_told_with_its_columns() -> None:
    numeric, texts = GIVEN.inputs.numeric, GIVEN.inputs.categorical
    bad = (numeric[:, 3] > 0) & (texts[:, 0] == "south") & (GIVEN.target == 1)
    changed = Examples(GIVEN.inputs, np.where(bad, 0, GIVEN.target))
    examination = LabelErrors().examine(prepared(changed))
    (slice_,) = [finding for finding in examination.findings if finding.rule == "label_errors.slice"]
    assert slice_.severity is Severity.WARNING
    assert slice_.where == "columns 'burden', 'region'"
    assert examination.outcome is Outcome.PASSED
    assert examination.measures["suspicious_slices"] == 1
    assert 0 < examination.measures["slice_labels"] <= 1.3 * bad.sum()


def test_the_slice_finds_what_single_labels_do_not() -> None:
    numeric, texts = GIVEN.inputs.numeric, GIVEN.inputs.categorical
    bad = (numeric[:, 3] > 0) & (texts[:, 0] == "south") & (GIVEN.target == 1)
    found = suspicious_labels(GIVEN.inputs, np.where(bad, 0, GIVEN.target), 0)
    assert (found.rows & bad).sum() > (found.single & bad).sum() + 0.3 * bad.sum()


@pytest.mark.parametrize(
    ("settings", "severity", "outcome"),
    [
        ({"rate_warning": 0.05}, Severity.WARNING, Outcome.PASSED),
        ({"rate_warning": 0.05, "rate_error": 0.1}, Severity.ERROR, Outcome.FAILED),
    ],
)
def test_the_rate_is_bounded_by_settings(settings: dict[str, float], severity: Severity, outcome: Outcome) -> None:
    poisoned = flip_random(GIVEN, 0.15, np.random.default_rng(1))
    examination = replace(LabelErrors(), **settings).examine(prepared(poisoned.examples))
    assert told(examination)["label_errors.rows"] is severity
    assert examination.outcome is outcome


def test_a_quantity_is_not_examined_and_says_so() -> None:
    quantity = Examples(GIVEN.inputs, np.linspace(0, 1, 1_500))
    examination = LabelErrors().examine(prepared(quantity, Task.REGRESSION))
    assert told(examination) == {"label_errors.not-examined": Severity.ERROR}
    assert examination.outcome is Outcome.SKIPPED
    accepted = LabelErrors(accept_unexamined=True).examine(prepared(quantity, Task.REGRESSION))
    assert accepted.outcome is Outcome.PASSED
    assert examination.measures[LabelErrors.acts_on] == 0
