"""Combining detectors by mean rank."""

import numpy as np
import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.ecod import Ecod
from secmlops.detect.neighbours import Neighbours
from secmlops.detect.ranks import MeanRank
from secmlops.runtime.arrays import pack, unpack

ROWS = np.random.default_rng(0).normal(size=(900, 4)).astype(np.float32)
ECOD, NEAR = Ecod.fit(ROWS[:500]), Neighbours.fit(ROWS[:500], np.random.default_rng(1))
LAYOUT = {"tables": ("F64", 2), "ecod": ("U8", 1), "isolation-forest": ("U8", 1), "neighbours": ("U8", 1)}


def test_honest_rows_have_ranks_spread_over_the_unit_interval():
    ranks = MeanRank.of([NEAR], ROWS[500:]).score(ROWS[500:])
    assert np.sort(ranks) == pytest.approx(np.linspace(0, 1, 400), abs=0.01)


def test_beyond_the_highest_honest_score_rows_are_still_told_apart():
    both = MeanRank.of([NEAR, ECOD], ROWS[500:])
    scores = both.score(np.array([[v] * 4 for v in (5, 10, 100, 1e6)], np.float32))
    assert (np.diff(scores) > 0).all()
    assert 1 < scores[0] < scores[-1] < 2


def test_the_order_of_the_parts_does_not_matter():
    assert MeanRank.of([NEAR, ECOD], ROWS[500:]).to_bytes() == MeanRank.of([ECOD, NEAR], ROWS[500:]).to_bytes()


@pytest.mark.parametrize("parts", [[], [NEAR, NEAR], [NEAR, Ecod.fit(ROWS[:, :3])]])
def test_what_cannot_be_combined_is_refused(parts):
    with pytest.raises(InputError):
        MeanRank.of(parts, ROWS)


def test_without_rows_there_are_no_ranks():
    with pytest.raises(InputError):
        MeanRank.of([NEAR], ROWS[:0])


@pytest.mark.parametrize("change", ["no parts", "descending", "short"])
def test_parts_that_do_not_fit_are_refused(change):
    arrays = unpack(MeanRank.of([NEAR], ROWS).to_bytes(), "mean-rank", LAYOUT)
    if change == "no parts":
        arrays["neighbours"] = arrays["neighbours"][:0]
    arrays["tables"] = {"descending": arrays["tables"][:, ::-1], "short": arrays["tables"][:, :9]}.get(
        change, arrays["tables"]
    )
    with pytest.raises(VerificationError, match="fit together"):
        MeanRank.from_bytes(pack("mean-rank", arrays))


def test_where_all_honest_scores_are_zero_any_other_is_beyond():
    constant = np.zeros((50, 2), np.float32)
    alone = MeanRank.of([Ecod.fit(constant)], constant)
    honest, other = alone.score(np.array([[0, 0], [0, 1]], np.float32))
    assert honest <= 1 < other
