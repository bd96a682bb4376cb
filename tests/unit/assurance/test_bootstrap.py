from collections.abc import Mapping

import numpy as np
import pytest

from secmlops.assurance import bootstrap
from secmlops.assurance.bootstrap import Bootstrap
from secmlops.assurance.metrics import Ranking, auc, auc_standard_error, mean
from secmlops.core.errors import InputError

RNG = np.random.default_rng(4)
NO_STRATA = np.zeros(400, np.int64)


def test_every_resample_keeps_the_size_of_each_stratum() -> None:
    strata = np.array([0] * 300 + [1] * 7 + [5] * 1)
    seen: list[np.ndarray] = []

    def collect(weights: np.ndarray) -> Mapping[str, np.ndarray]:
        seen.append(np.stack([weights[:, strata == s].sum(axis=1) for s in (0, 1, 5)], axis=1))
        assert (weights >= 0).all()
        assert (weights == weights.round()).all()
        return {"rows": weights.sum(axis=1)}

    drawn = Bootstrap(150, 0.95, 1).distributions(collect, strata)
    assert drawn["rows"].shape == (150,)
    assert (np.concatenate(seen) == [300, 7, 1]).all()


def test_blocks_change_nothing_but_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    values = RNG.normal(size=400)
    whole = Bootstrap(120, 0.9, 3).distributions(lambda w: {"mean": mean(values, w)}, NO_STRATA)["mean"]
    monkeypatch.setattr(bootstrap, "BLOCK_CELLS", 1)
    single = Bootstrap(120, 0.9, 3).distributions(lambda w: {"mean": mean(values, w)}, NO_STRATA)["mean"]
    np.testing.assert_allclose(np.sort(whole), np.sort(single))


def test_the_same_seed_draws_the_same() -> None:
    values = RNG.normal(size=400)
    first, again, other = (
        Bootstrap(100, 0.95, seed).distributions(lambda w: {"mean": mean(values, w)}, NO_STRATA)["mean"]
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_interval_of_a_mean_is_the_normal_one() -> None:
    values = RNG.normal(size=400)
    drawing = Bootstrap(4000, 0.95, 0)
    interval = drawing.interval(drawing.distributions(lambda w: {"mean": mean(values, w)}, NO_STRATA)["mean"])
    error = values.std() / 20
    assert interval.low == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert interval.high == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


def test_the_spread_of_the_auc_is_delongs() -> None:
    event = RNG.random(600) < 0.3
    score = RNG.normal(size=600) + event
    ranking = Ranking.of(event, score)
    drawn = Bootstrap(3000, 0.95, 0).distributions(lambda w: {"auc": auc(ranking.tally(w))}, event.astype(np.int64))
    assert drawn["auc"].std() == pytest.approx(auc_standard_error(event, score), rel=0.06)


def test_a_higher_confidence_gives_a_wider_interval() -> None:
    values = RNG.normal(size=1000)
    wide, narrow = Bootstrap(100, 0.99, 0).interval(values), Bootstrap(100, 0.8, 0).interval(values)
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize(
    ("resamples", "confidence"), [(99, 0.95), (1000, 0.0), (1000, 1.0), (1000, 95), (1000, float("nan"))]
)
def test_settings_that_make_no_interval_are_refused(resamples: int, confidence: float) -> None:
    with pytest.raises(InputError):
        Bootstrap(resamples, confidence, 0)
