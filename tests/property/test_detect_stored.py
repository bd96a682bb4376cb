"""No bytes but those that were written are read as a detector, and none crash the reader."""

import contextlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import VerificationError
from secmlops.detect.ecod import Ecod
from secmlops.detect.forest import IsolationForest
from secmlops.detect.neighbours import Neighbours
from secmlops.detect.ranks import MeanRank, read_detector

ROWS = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
FOREST = IsolationForest.fit(ROWS, np.random.default_rng(1), trees=2)
STORED = [
    part.to_bytes()
    for part in (Ecod.fit(ROWS), Neighbours.fit(ROWS, np.random.default_rng(1)), FOREST, MeanRank.of([FOREST], ROWS))
]


@given(st.sampled_from(STORED), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_is_refused_or_gives_a_detector_that_scores(stored, place, flip):
    changed = bytearray(stored)
    changed[int(place * len(stored))] ^= flip
    with contextlib.suppress(VerificationError), np.errstate(all="ignore"):
        detector = read_detector(bytes(changed))
        assert detector.score(np.zeros((3, detector.width), np.float32)).shape == (3,)


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_refused(data):
    with contextlib.suppress(VerificationError):
        read_detector(data)
        raise AssertionError("read")


@given(st.integers(0, 2**32), st.sampled_from([0.0, 1.0, -1.0, 1e-30, 1e30]), st.integers(2, 60))
@settings(max_examples=40, deadline=None)
def test_ecod_scores_lie_between_none_and_all_tails(seed, value, rows):
    generator = np.random.default_rng(seed)
    table = np.where(generator.random((rows, 3)) < 0.5, value, generator.normal(size=(rows, 3))).astype(np.float32)
    scores = Ecod.fit(table).score(np.concatenate([table, table * 2]))
    assert (scores >= 0).all()
    assert (scores <= 3 * np.log(rows + 1) + 1e-9).all()
