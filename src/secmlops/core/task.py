"""What a model predicts."""

from enum import StrEnum


class Task(StrEnum):
    """The learning tasks a project may name."""

    BINARY = "binary_classification"
    MULTICLASS = "multiclass_classification"
    REGRESSION = "regression"

    @property
    def is_classification(self) -> bool:
        """Whether the target is a class rather than a quantity."""
        return self is not Task.REGRESSION
