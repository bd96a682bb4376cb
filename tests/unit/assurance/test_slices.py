import json
from collections.abc import Callable

import numpy as np
import pytest

from secmlops.assurance.slices import Slices
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task

Build = Callable[..., ModelUnderTest]


def test_an_honest_model_has_no_slices(under_test: Build) -> None:
    rng = np.random.default_rng(3)
    stated = rng.random(4_000)
    rows = (rng.random(4_000) < stated).astype(np.int64), np.stack([1 - stated, stated], axis=1)
    found = Slices().examine(under_test(rows, rows))
    assert found.outcome is Outcome.PASSED
    assert found.measures["biased_slices"] == 0
    assert found.measures["worst_bias"] == 0
    assert not found.findings or {one.rule for one in found.findings} == {"slices.worse"}


def test_a_planted_slice_is_told_in_words(under_test: Build) -> None:
    rng = np.random.default_rng(1)
    stated = rng.random(6_000)
    truth = (rng.random(6_000) < np.where(stated > 0.8, 0.3, stated)).astype(np.int64)
    found = Slices().examine(under_test((truth, _both(stated)), (truth, _both(stated))))
    assert found.outcome is Outcome.PASSED
    biased = [one for one in found.findings if one.rule == "slices.biased"]
    assert "above what came true where answer_" in biased[0].message
    assert found.measures["worst_bias"] > 0.4
    told = json.loads(found.products["slices"])
    assert {one["kind"] for one in told} >= {"worse", "too_high"}
    assert all(one["p_value"] <= 0.05 and one["rows"] >= 30 for one in told)
    assert found.measures["worst_ratio"] == pytest.approx(
        found.measures["worst_error"] / found.measures["overall_error"]
    )


def test_quantities_have_slices_too(under_test: Build) -> None:
    rng = np.random.default_rng(2)
    stated = rng.normal(size=3_000)
    truth = stated + rng.normal(0, 0.1, 3_000) + np.where(stated > 1, 0.8, 0)
    found = Slices().examine(under_test((truth, stated[:, None]), (truth, stated[:, None]), Task.REGRESSION))
    assert {"slices.worse", "slices.biased"} <= {one.rule for one in found.findings}
    assert any("below what came true where answer_0 is over" in one.message for one in found.findings)


def test_more_classes_are_searched_for_errors_only(under_test: Build) -> None:
    rng = np.random.default_rng(4)
    stated = rng.dirichlet(np.ones(3), 3_000)
    truth = np.array([rng.choice(3, p=one) for one in stated])
    found = Slices().examine(under_test((truth, stated), (truth, stated), Task.MULTICLASS))
    assert found.outcome is Outcome.PASSED
    assert found.measures["biased_slices"] == 0
    assert 0 < found.measures["overall_error"] < 1


def test_a_holdout_that_cannot_tell_is_skipped(under_test: Build) -> None:
    few = np.array([0, 1]), np.full((2, 2), 0.5)
    found = Slices().examine(under_test(few, few))
    assert found.outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    "settings", [{"minimum_rows": 0}, {"false_alarms": 0.0}, {"notable_ratio": 0.5}, {"notable_bias": -1.0}]
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Slices(**settings)


def _both(event: np.ndarray) -> np.ndarray:
    return np.stack([1 - event, event], axis=1)
