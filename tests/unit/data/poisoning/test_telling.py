import json

import numpy as np
import pytest

from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.poisoning.telling import columns_told, not_examined, row_list
from secmlops.runtime.signature import Feature, FeatureKind, Signature

SIGNATURE = Signature(
    task=Task.BINARY,
    features=(
        Feature(name="region", kind=FeatureKind.CATEGORICAL),
        Feature(name="age", kind=FeatureKind.NUMERIC),
        Feature(name="anna.example@example.org", kind=FeatureKind.NUMERIC),
    ),
)


def test_columns_are_named_numeric_ones_first() -> None:
    assert columns_told(SIGNATURE, (0, 2)) == "columns 'age', 'region'"
    assert columns_told(SIGNATURE, (2,)) == "column 'region'"


def test_a_name_that_tells_of_a_person_is_not_told() -> None:
    assert "anna" not in columns_told(SIGNATURE, (1, 2))


def test_rows_are_numbered_from_one_in_order() -> None:
    assert json.loads(row_list(single=np.array([9, 0, 4]), slices=np.array([], np.intp))) == {
        "single": [1, 5, 10],
        "slices": [],
    }


@pytest.mark.parametrize("task", [Task.REGRESSION, Task.BINARY])
def test_what_is_not_examined_is_skipped_unless_that_is_accepted_by_name(task: Task) -> None:
    skipped = not_examined("data.poisoning", task, {"examined_rows": 0.0}, accepted=False)
    (finding,) = skipped.findings
    assert (skipped.outcome, finding.rule, finding.severity) == (
        Outcome.SKIPPED,
        "poisoning.not-examined",
        Severity.ERROR,
    )
    assert "data.poisoning: {accept_unexamined: true}" in finding.hint
    assert ("50 rows" in finding.message) is task.is_classification
    accepted = not_examined("data.poisoning", task, {"examined_rows": 0.0}, accepted=True)
    assert (accepted.outcome, accepted.findings[0].severity) == (Outcome.PASSED, Severity.NOTE)
    assert accepted.findings[0].message.endswith("accepted by name")
