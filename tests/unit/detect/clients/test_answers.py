"""Labels and margins of a model's scores."""

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.detect.clients.answers import answers


def test_two_classes():
    labels, margins = answers(np.array([[0.9, 0.1], [0.3, 0.7], [0.5, 0.5]]))
    assert labels.tolist() == [0, 1, 0]
    np.testing.assert_allclose(margins, [0.8, 0.4, 0.0])


def test_more_classes_lead_over_the_next():
    labels, margins = answers(np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]))
    assert labels.tolist() == [1, 2]
    np.testing.assert_allclose(margins, [0.2, 0.7])


def test_a_regression_has_one_label_and_no_margin():
    labels, margins = answers(np.array([[3.0], [-2.0]]))
    assert labels.tolist() == [0, 0]
    assert np.isnan(margins).all()


@pytest.mark.parametrize("wrong", [np.zeros(3), np.zeros((3, 0))])
def test_what_is_no_table_is_refused(wrong):
    with pytest.raises(InputError, match="table"):
        answers(wrong)
