"""The worst change of rows whose worst is known: those of a plane, and of a category that decides."""

import dataclasses

import numpy as np

from secmlops.attack.evasion.hunt import Targets
from secmlops.attack.evasion.perturbations import Perturbations
from secmlops.attack.evasion.worst import Search, worst_changes
from secmlops.runtime.signature import Inputs


def free(rows: Inputs) -> Perturbations:
    wide = np.full(rows.numeric.shape[1], 100.0)
    return dataclasses.replace(Perturbations.of(rows), low=-wide, high=wide, unit=np.ones(len(wide)))


def test_on_a_plane_it_comes_near_the_worst_and_never_beyond_the_budget() -> None:
    draw = np.random.default_rng(0)
    weights = np.array([1.0, -1.0, 0.5])
    rows = Inputs(draw.normal(size=(80, 3)).astype(np.float32), np.empty((80, 0), object))

    def odds(asked: Inputs) -> np.ndarray:
        return np.asarray(asked.numeric.astype(np.float64) @ weights)

    def predict(asked: Inputs) -> np.ndarray:
        event = 1 / (1 + np.exp(-odds(asked)))
        return np.stack([1 - event, event], axis=1)

    targets = Targets(rows, predict(rows).argmax(axis=1))
    changed, margins = worst_changes(targets, predict, free(rows), Search(0.5, 40), draw)
    fallen = np.abs(odds(changed) - odds(rows)) / (0.5 * np.linalg.norm(weights))
    assert np.linalg.norm(changed.numeric - rows.numeric, axis=1).max() <= 0.5 + 1e-5
    assert fallen.mean() > 0.9
    assert fallen.max() <= 1 + 1e-5
    away = np.abs(odds(rows)) / np.linalg.norm(weights)
    assert (margins[away > 0.5] > 0).all()
    assert (margins[away < 0.4] < 0).all()


def test_a_category_that_decides_is_put_where_it_is_paid_for() -> None:
    texts = np.array([["red"], ["blue"]] * 10, object)
    rows = Inputs(np.zeros((20, 1), np.float32), texts)

    def predict(asked: Inputs) -> np.ndarray:
        red = (asked.categorical[:, 0] == "red").astype(float)
        return np.stack([red, 1 - red], axis=1)

    targets = Targets(rows, predict(rows).argmax(axis=1))
    kept, margins = worst_changes(targets, predict, free(rows), Search(0.9, 20), np.random.default_rng(0))
    assert (kept.categorical == texts).all()
    assert (margins == 1).all()
    turned, margins = worst_changes(targets, predict, free(rows), Search(1.0, 20), np.random.default_rng(0))
    assert (turned.categorical != texts).all()
    assert (margins == -1).all()
