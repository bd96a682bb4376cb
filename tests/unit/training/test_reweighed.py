"""What the child says of reweighing, read."""

import pytest

from secmlops.core.errors import IsolationError
from secmlops.training.reweighed import Reweighed

TOLD = '{"plain":{"difference":0.3,"balanced_accuracy":0.8},"reweighed":{"difference":0.1,"balanced_accuracy":0.7}}'


def test_what_it_changed_and_cost_is_told() -> None:
    assert Reweighed.from_json(TOLD.encode()).measures() == {
        "plain_difference_on_training": 0.3,
        "reweighed_difference_on_training": 0.1,
        "reweighing_price_on_training": pytest.approx(0.1),
    }


@pytest.mark.parametrize("told", ["{}", TOLD.replace("0.3", "3"), TOLD.replace("0.3", "NaN"), "\xff"])
def test_anything_else_is_refused(told: str) -> None:
    with pytest.raises(IsolationError, match="cannot be read"):
        Reweighed.from_json(told.encode("latin-1"))
