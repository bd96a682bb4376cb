"""How far a row is from known ones."""

import numpy as np
import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.clients.known import SAMPLES, Known

GENERATOR = np.random.default_rng(0)
ROWS = GENERATOR.normal(size=(203, 3)).astype(np.float32)
KNOWN = Known.of(ROWS)


def test_the_farther_the_higher_and_a_known_row_is_near():
    away = np.array([[0, 0, 0], [2, 0, 0], [5, 0, 0], [50, 0, 0]], np.float32)
    assert (np.diff(KNOWN.score(away)) > 0).all()
    assert KNOWN.score(ROWS[:5]).max() < KNOWN.score(away)[2]


def test_a_score_depends_on_no_other_row():
    rows = GENERATOR.normal(size=(40, 3)).astype(np.float32)
    together = KNOWN.score(rows)
    np.testing.assert_allclose(together, [KNOWN.score(row[None])[0] for row in rows], rtol=1e-5)


def test_where_rows_are_few_the_same_distance_counts_for_less():
    crowd, few = 0.05 * GENERATOR.normal(size=(200, 2)), 2 * GENERATOR.normal(size=(200, 2)) + [20, 0]
    known = Known.of(np.concatenate([crowd, few]).astype(np.float32)[GENERATOR.permutation(400)])
    crowded, sparse = known.score(np.array([[0, 1], [20, 0]], np.float32))
    assert crowded > 2 * sparse


def test_known_rows_are_scored_without_themselves():
    assert np.median(KNOWN.own()) == pytest.approx(float(np.median(KNOWN.score(ROWS + np.float32(0.3)))), rel=0.5)
    assert (KNOWN.own() > KNOWN.score(ROWS)).mean() > 0.8


def test_the_same_row_again_and_again_is_no_trouble():
    known = Known.of(np.zeros((SAMPLES, 2), np.float32))
    same, other = known.score(np.array([[0, 0], [1, 0]], np.float32))
    assert same == 0
    assert 0 < other < np.inf


def test_some_are_drawn_of_many():
    assert len(Known.drawn(np.repeat(ROWS, 4, axis=0), np.random.default_rng(1)).rows) == 512


@pytest.mark.parametrize("number", [SAMPLES - 1, 513])
def test_too_few_or_too_many_are_refused(number):
    with pytest.raises(VerificationError, match="known rows"):
        Known.of(np.zeros((number, 2), np.float32))


def test_too_few_to_draw_from_are_refused():
    with pytest.raises(InputError, match="too few"):
        Known.drawn(ROWS[: SAMPLES - 1], np.random.default_rng(1))
