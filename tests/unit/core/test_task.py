import pytest

from secmlops.core.task import Task


@pytest.mark.parametrize(
    ("name", "classifies"),
    [("binary_classification", True), ("multiclass_classification", True), ("regression", False)],
)
def test_tasks_know_whether_they_classify(name: str, classifies: bool) -> None:
    assert Task(name).is_classification is classifies
