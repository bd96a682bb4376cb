"""What every detector keeps to, each through the same tests."""

import numpy as np
import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.ecod import Ecod
from secmlops.detect.forest import IsolationForest
from secmlops.detect.neighbours import Neighbours
from secmlops.detect.ranks import MeanRank, read_detector
from secmlops.runtime.arrays import pack

GENERATOR = np.random.default_rng(3)
HONEST = GENERATOR.normal(size=(600, 6)).astype(np.float32)
FRESH = GENERATOR.normal(size=(300, 6)).astype(np.float32)


def learned():
    generator = np.random.default_rng(1)
    ecod, near = Ecod.fit(HONEST), Neighbours.fit(HONEST, generator)
    forest = IsolationForest.fit(HONEST, generator, trees=40)
    return ecod, near, forest, MeanRank.of((near, forest), FRESH)


DETECTORS = learned()
each = pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.KIND)


@each
def test_far_rows_score_higher_than_near_ones(detector):
    far = FRESH * 3 + np.float32(4)
    assert np.median(detector.score(far)) > np.quantile(detector.score(FRESH), 0.99)


@each
def test_a_score_does_not_depend_on_the_other_rows(detector):
    outlier = np.full((1, 6), 5, np.float32)
    alone = detector.score(outlier)[0]
    flood = outlier + np.random.default_rng(2).normal(scale=0.01, size=(2000, 6)).astype(np.float32)
    among = detector.score(np.concatenate([flood, outlier]))[-1]
    assert among == pytest.approx(alone, rel=1e-5)


@each
def test_no_rows_have_no_scores(detector):
    assert detector.score(HONEST[:0]).shape == (0,)


@each
@pytest.mark.parametrize("shape", [(3, 5), (3, 7), (6,)])
def test_another_width_is_refused(detector, shape):
    with pytest.raises(InputError, match="6 columns"):
        detector.score(np.zeros(shape, np.float32))


@each
def test_stored_and_read_it_scores_the_same(detector):
    stored = detector.to_bytes()
    read = read_detector(stored)
    assert type(read) is type(detector)
    assert read.width == detector.width == 6
    assert read.to_bytes() == stored
    np.testing.assert_array_equal(read.score(FRESH), detector.score(FRESH))


@each
def test_the_far_end_of_float32_is_strange_and_finite(detector):
    edge = np.full((1, 6), np.finfo(np.float32).max, np.float32)
    scores = detector.score(np.concatenate([edge, -edge]))
    assert np.isfinite(scores).all()
    assert scores.max() >= detector.score(FRESH).max()


@pytest.mark.parametrize("detector", DETECTORS[:2], ids=lambda d: d.KIND)
def test_nan_is_strange(detector):
    row = np.zeros((1, 6), np.float32)
    row[0, 3] = np.nan
    score = detector.score(row)[0]
    assert np.isnan(score) or score > detector.score(np.zeros((1, 6), np.float32))[0]


@pytest.mark.parametrize("rows", [HONEST[:1], HONEST[0], HONEST[:, :0], np.full((9, 2), np.nan, np.float32)])
def test_rows_that_cannot_be_learned_from_are_refused(rows):
    generator = np.random.default_rng(1)
    for learn in (Ecod.fit, lambda r: Neighbours.fit(r, generator), lambda r: IsolationForest.fit(r, generator)):
        with pytest.raises(InputError):
            learn(rows)


def test_an_unknown_kind_is_refused():
    with pytest.raises(VerificationError, match="no kind of detector"):
        read_detector(pack("oracle", {}))
