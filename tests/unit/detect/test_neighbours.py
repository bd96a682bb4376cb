"""Nearest neighbours against scikit-learn's."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.neighbours import NEIGHBOURS, Neighbours
from secmlops.runtime.arrays import pack

ROWS = np.random.default_rng(0).normal(size=(1500, 8)).astype(np.float32) * np.float32(100) + np.float32(7)


def test_it_agrees_with_scikit_learn():
    detector = Neighbours.fit(ROWS, np.random.default_rng(1), references=400)
    assert detector.references.shape == (400, 8)
    judge = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(detector.references)
    queries = ROWS * np.float32(1.3)
    expected = judge.kneighbors((queries - detector.centre) * detector.per_unit)[0].mean(axis=1)
    np.testing.assert_allclose(detector.score(queries), expected, rtol=1e-3, atol=1e-3)


def test_references_are_drawn_by_the_generator_that_is_handed_in():
    first, again, other = (Neighbours.fit(ROWS, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.to_bytes() == again.to_bytes() != other.to_bytes()


def test_a_constant_feature_does_no_harm():
    rows = ROWS.copy()
    rows[:, 2] = 5
    scores = Neighbours.fit(rows, np.random.default_rng(1)).score(rows)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(("rows", "references"), [(ROWS[:NEIGHBOURS], 100), (ROWS, NEIGHBOURS - 1)])
def test_too_few_references_are_refused(rows, references):
    with pytest.raises(InputError):
        Neighbours.fit(rows, np.random.default_rng(1), references)


@pytest.mark.parametrize(
    ("centre", "per_unit", "references"), [(3, 3, (4, 3)), (3, 2, (9, 3)), (2, 2, (9, 3)), (0, 0, (9, 0))]
)
def test_parts_that_do_not_fit_are_refused(centre, per_unit, references):
    arrays = {
        "centre": np.ones(centre, np.float32),
        "per_unit": np.ones(per_unit, np.float32),
        "references": np.ones(references, np.float32),
    }
    with pytest.raises(VerificationError, match="fit together"):
        Neighbours.from_bytes(pack("neighbours", arrays))


@pytest.mark.parametrize("constant", [0.1, 100.0])
def test_a_constant_column_scales_no_rounding_up(constant):
    """Its values differ by the last bit of float32 here and there: divided by that, one bit more is the farthest."""
    rows = np.random.default_rng(0).normal(size=(400, 4)).astype(np.float32)
    rows[:, 2] = constant
    rows[::7, 2] = np.nextafter(np.float32(constant), np.float32(np.inf))
    detector = Neighbours.fit(rows, np.random.default_rng(1))
    off = rows.copy()
    off[:, 2] = np.float32(constant) * np.float32(1 - 2e-6)
    assert detector.score(off).max() <= detector.score(rows).max() * 1.01 + 1
