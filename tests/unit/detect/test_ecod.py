"""ECOD against a plain reading of the paper, and on the features that tables really have."""

import numpy as np
import pytest

from secmlops.core.errors import VerificationError
from secmlops.detect.ecod import Ecod
from secmlops.runtime.arrays import pack, unpack


def published(train, rows):
    """Scores by the paper's formulas with full empirical distributions."""
    n = len(train)
    left = -np.log((np.array([[(train[:, j] <= v).sum() for j, v in enumerate(r)] for r in rows]) + 1) / (n + 1))
    right = -np.log((np.array([[(train[:, j] >= v).sum() for j, v in enumerate(r)] for r in rows]) + 1) / (n + 1))
    skew = ((train - train.mean(0)) ** 3).mean(0)
    auto = np.where(skew < 0, left, right)
    return np.maximum(np.maximum(left.sum(1), right.sum(1)), auto.sum(1))


def test_it_agrees_with_the_paper():
    generator = np.random.default_rng(0)
    train = np.column_stack(
        [generator.normal(size=3000), generator.exponential(size=3000), -generator.exponential(size=3000)]
    ).astype(np.float32)
    rows = (train[:200] * 1.5).astype(np.float32)
    np.testing.assert_allclose(Ecod.fit(train).score(rows), published(train, rows), atol=0.75)
    assert np.corrcoef(Ecod.fit(train).score(rows), published(train, rows))[0, 1] > 0.99


def test_on_few_values_the_agreement_is_exact():
    train = np.random.default_rng(0).integers(0, 5, (400, 3)).astype(np.float32)
    np.testing.assert_allclose(Ecod.fit(train).score(train), published(train, train), rtol=1e-12)


@pytest.mark.parametrize("value", [-1e30, -0.001, 0.001, 1.0, 1e30])
def test_any_other_value_of_a_constant_feature_is_strange(value):
    detector = Ecod.fit(np.zeros((99, 2), np.float32))
    row = np.array([[0, value]], np.float32)
    assert detector.score(row)[0] == pytest.approx(np.log(100))
    assert detector.score(np.zeros((1, 2), np.float32))[0] == 0


def test_nan_is_as_strange_as_beyond_the_range_in_each_feature():
    detector = Ecod.fit(np.random.default_rng(0).normal(size=(100, 3)).astype(np.float32))
    for j in range(3):
        row = np.zeros((1, 3), np.float32)
        row[0, j] = np.nan
        assert detector.score(row)[0] >= np.log(101)


@pytest.mark.parametrize("change", ["knots", "tails", "per_unit", "shift"])
def test_parts_that_do_not_fit_are_refused(change):
    detector = Ecod.fit(np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32))
    expected = {"per_unit": ("F64", 1), "shift": ("F64", 1), "knots": ("F64", 1), "tails": ("F64", 2)}
    arrays = unpack(detector.to_bytes(), "ecod", expected)
    arrays[change] = {
        "knots": arrays["knots"][::-1],
        "tails": -arrays["tails"],
        "per_unit": -arrays["per_unit"],
        "shift": arrays["shift"][:1],
    }[change]
    with pytest.raises(VerificationError, match="fit together"):
        Ecod.from_bytes(pack("ecod", arrays))
