import json

import numpy as np

from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.poisoning.telling import columns_told, nothing_to_examine, row_list
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


def test_the_note_bears_the_name_of_the_control() -> None:
    note = nothing_to_examine("data.poisoning")
    assert (note.rule, note.severity) == ("poisoning.not-examined", Severity.NOTE)
