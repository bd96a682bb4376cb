import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.anonymise.attribute import Category, Quantity
from secmlops.data.anonymise.loss import measure_loss

AGE = Quantity("age", np.array([0, 1, 2, 3, 4, 0], np.int32), np.array([20.0, 25, 30, 50, 60]), missing=False)
JOB = Category("job", np.array([0, 0, 1, 2, 0, 3], np.int32), pa.array(list("abcd")))


def test_each_measure_by_its_definition() -> None:
    loss = measure_loss((AGE, JOB), np.array([0, 0, 1, 1, 0, -1]), np.ones(6, bool), k=2)
    assert loss.by_column["age"] == pytest.approx((3 * 1.0 + 2 * 0.5 + 1) / 6)
    assert loss.by_column["job"] == pytest.approx((3 * 0 + 2 * 0.5 + 1) / 6)
    assert loss.penalty == pytest.approx((loss.by_column["age"] + loss.by_column["job"]) / 2)
    assert loss.discernibility == 9 + 4 + 6
    assert loss.average_class == pytest.approx(5 / 2 / 2)
    assert loss.suppressed == pytest.approx(1 / 6)


def test_rows_that_are_not_in_the_data_set_cost_nothing() -> None:
    member = np.array([True, True, True, True, True, False])
    assert measure_loss((AGE, JOB), np.array([0, 0, 1, 1, 0, -1]), member, k=2).suppressed == 0
