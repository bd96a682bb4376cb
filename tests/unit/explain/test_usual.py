import numpy as np

from secmlops.explain.usual import Usual, usual_numbers
from secmlops.runtime.signature import Inputs


def test_the_middle_half_is_usual_and_missing_values_do_not_count() -> None:
    numeric = np.array([[1, np.nan], [2, np.nan], [3, np.nan], [4, np.nan], [5, np.inf], [np.nan, np.nan]], np.float32)
    assert usual_numbers(Inputs(numeric, np.empty((6, 0), object))) == (Usual(2.0, 4.0), None)
