import pyarrow as pa
import pytest

from secmlops.core.task import Task
from secmlops.data.conditions import are_proposed, proposed_conditions

LABEL = pa.chunked_array([["a"] * 6 + ["b"] * 3 + ["c"]])


@pytest.mark.parametrize("task", list(Task))
def test_what_is_proposed_is_known_again_until_it_is_changed(task: Task) -> None:
    proposed = proposed_conditions(task, LABEL)
    assert are_proposed(task, proposed)
    assert not are_proposed(task, {**proposed, "assurance.fit.gap": "<= 0.2"})
    assert not are_proposed(task, {**proposed, "data.schema.missing_share": "<= 0.1"})
    assert not are_proposed(task, {})


def test_several_classes_must_be_told_better_than_by_naming_the_commonest() -> None:
    assert proposed_conditions(Task.MULTICLASS, LABEL)["assurance.performance.accuracy"] == ">= 0.70"
