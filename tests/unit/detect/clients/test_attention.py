"""Calm clients are looked at now and then, in runs that they cannot foresee."""

from itertools import groupby

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.detect.clients.attention import CALM, RUN, Attention, Watched


def attention(share=0.25, seed=1):
    return Attention(share, np.random.default_rng(seed))


def spared(watched, how, requests):
    """Which requests are passed over; those looked at are counted, as the crowd does."""
    told = []
    for _ in range(requests):
        told.append(watched.spared(how))
        watched.requests += not told[-1]
    return told


def test_nothing_is_passed_over_before_a_client_is_calm():
    assert not any(spared(Watched(), attention(), CALM))


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 1.0])
def test_then_a_share_is_looked_at_in_whole_runs(share):
    watched, how = Watched(), attention(share)
    spared(watched, how, CALM)
    told = spared(watched, how, 40_000)
    assert 1 - np.mean(told) == pytest.approx(share, rel=0.15)
    runs = [(passed, len(list(run))) for passed, run in groupby(told)]
    assert max((length for passed, length in runs if passed), default=0) <= how.longest
    assert min(length for passed, length in runs[1:-1] or runs if not passed) >= RUN
    assert watched.requests == CALM + 40_000


def test_evidence_ends_the_calm_at_once():
    watched, how = Watched(), attention()
    told = spared(watched, how, CALM)
    while not told[-1]:
        told += spared(watched, how, 1)
    watched.suspect()
    assert not any(spared(watched, how, CALM))
    assert any(spared(watched, how, 10 * RUN))


def test_the_gaps_hang_on_the_secret_generator():
    def gaps(seed):
        watched, how = Watched(), attention(seed=seed)
        return spared(watched, how, 1000)

    assert gaps(1) == gaps(1) != gaps(2)


@pytest.mark.parametrize("share", [0, -1, 1.1, float("nan")])
def test_what_is_no_share_is_refused(share):
    with pytest.raises(InputError, match="share"):
        attention(share)
