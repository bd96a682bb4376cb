import numpy as np
import pytest

from secmlops.data.anonymise.attribute import Quantity
from secmlops.data.anonymise.suppression import outliers

VALUES = np.array([1.0, 2, 3, 4, 5, 1_000, 0, 6, 7, 8, 9, 900])
CLASSES = np.array([0] * 6 + [1] * 6)
EVERYBODY = np.ones(12, bool)


def age(values: np.ndarray) -> Quantity:
    known, codes = np.unique(values, return_inverse=True)
    return Quantity("age", codes.astype(np.int32), known, missing=False)


def test_the_rows_that_widen_their_classes_go_the_worst_first() -> None:
    assert outliers((age(VALUES),), CLASSES, EVERYBODY, 5).tolist() == [5, 11]
    assert outliers((age(VALUES),), CLASSES, EVERYBODY, 1).tolist() == [5]
    assert not len(outliers((age(VALUES),), CLASSES, EVERYBODY, 0))


def test_only_rows_of_the_data_set_are_left_out() -> None:
    member = EVERYBODY.copy()
    member[5] = False
    found = outliers((age(VALUES),), CLASSES, member, 5).tolist()
    assert found[0] == 11
    assert 5 not in found


@pytest.mark.parametrize("values", [np.zeros(12), np.arange(12.0)])
def test_nobody_goes_where_little_is_gained(values: np.ndarray) -> None:
    assert not len(outliers((age(values),), CLASSES, EVERYBODY, 5))
