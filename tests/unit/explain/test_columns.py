import numpy as np
import pytest

from kits.explain_world import signature_of
from secmlops.core.errors import VerificationError
from secmlops.core.task import Task
from secmlops.explain.columns import Category, Encoder, Number, check_columns
from secmlops.runtime.signature import Inputs

INPUTS = Inputs(np.array([[1, np.nan, 3], [4, 5, 6]], np.float32), np.array([["red", ""], ["blue", "other"]], object))


def test_columns_are_what_the_preparation_makes() -> None:
    columns = [
        Category(0, {"red": 1.0}),
        Number(1, fill=9.0),
        Number(2, offset=1.0, factor=0.5),
        Category(1, {"": 2.0, "round": 3.0}, other=-1.0),
        Category(0, {"blue": 1.0}),
        Number(1),
    ]
    found = Encoder(columns).encode(INPUTS)
    np.testing.assert_array_equal(found, np.array([[1, 9, 1, 2, 0, np.nan], [0, 5, 2.5, -1, 1, 5]], np.float32))
    assert Encoder(columns).owners(signature_of(Task.BINARY)).tolist() == [0, 2, 4, 3, 0, 2]


def test_only_texts_or_only_numbers_are_columns_too() -> None:
    assert Encoder([Category(0, {"red": 1.0})]).encode(INPUTS).tolist() == [[1], [0]]
    assert Encoder([Number(0)]).encode(INPUTS).tolist() == [[1], [4]]


def test_a_feature_that_there_is_not_is_refused() -> None:
    for column in (Number(3), Category(2, {})):
        with pytest.raises(VerificationError, match="does not have"):
            Encoder([column]).owners(signature_of(Task.BINARY))


def test_more_columns_or_categories_than_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    check_columns([Number(0), Category(0, {"a": 1.0})])
    with pytest.raises(VerificationError, match="columns"):
        check_columns([Number(0)] * 100_001)
    monkeypatch.setattr("secmlops.explain.columns.MAX_CELLS", 10)
    check_columns([Category(0, {"a": 1.0})] * 5)
    with pytest.raises(VerificationError, match="memory"):
        check_columns([Category(0, {str(i): 1.0}) for i in range(3)])
